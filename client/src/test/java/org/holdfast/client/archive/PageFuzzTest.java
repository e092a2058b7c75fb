package org.holdfast.client.archive;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.FuzzContract;

/// A page: the length of its references in two bytes, its references, its content. What is read is
/// written again to the same bytes.
final class PageFuzzTest extends FuzzContract {
  private static final int ENTRY_LENGTH_MIN = 14;

  @Override
  protected List<byte[]> seeds() throws Exception {
    List<byte[]> seeds = new ArrayList<>();
    seeds.add(joined(Pages.golden("page-references.hex"), Pages.golden("page-entries.hex")));
    for (int i = 0; i < 4; i++) {
      EncodedPage page = Pages.single(new RandomEntries(i).list(2 + i));
      seeds.add(joined(page.references(), page.content()));
    }
    return seeds;
  }

  /// An entry may share as long a path with the one before it as there is.
  @Override
  protected long allocatedMax(int length) {
    long entries = Math.min(length / ENTRY_LENGTH_MIN, EntryFormat.ENTRIES_MAX);
    return super.allocatedMax(length) + entries * Math.min(length, ArchivePath.LENGTH_MAX);
  }

  @Override
  protected void parse(byte[] input) throws Exception {
    Bytes references = first(input);
    Bytes content = second(input);
    List<Entry> entries = Pages.decode(references, content);
    EncodedPage again = Pages.single(entries);
    assertThat(again.references()).isEqualTo(references);
    assertThat(again.content()).isEqualTo(content);
  }

  static byte[] joined(Bytes first, Bytes second) {
    ByteBuffer out = ByteBuffer.allocate(Short.BYTES + first.length() + second.length());
    out.putShort((short) first.length());
    return second.putInto(first.putInto(out)).array();
  }

  static Bytes first(byte[] input) throws CorruptException {
    return Bytes.copyOf(input, Short.BYTES, split(input));
  }

  static Bytes second(byte[] input) throws CorruptException {
    return Bytes.copyOf(input, split(input), input.length);
  }

  private static int split(byte[] input) throws CorruptException {
    if (input.length < Short.BYTES) {
      throw new CorruptException("no length");
    }
    int split = Short.BYTES + Short.toUnsignedInt(ByteBuffer.wrap(input).getShort());
    if (split > input.length) {
      throw new CorruptException("too short");
    }
    return split;
  }
}
