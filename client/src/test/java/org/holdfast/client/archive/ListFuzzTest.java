package org.holdfast.client.archive;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.holdfast.client.archive.Entry.RegularFile;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.FuzzContract;
import org.junit.jupiter.api.AfterEach;

/// The client's list of its last archive. With another checksum anywhere it is refused; with the
/// right ones it is refused, or its entries are whole and sorted.
final class ListFuzzTest extends FuzzContract {
  /// Open to the end, since a file that is written anew and closed goes to the disk at once.
  private final FileChannel channel;

  ListFuzzTest() throws Exception {
    Path file = Files.createTempFile("list", null);
    channel =
        FileChannel.open(
            file,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.DELETE_ON_CLOSE);
    file.toFile().deleteOnExit();
  }

  @AfterEach
  void closeChannel() throws Exception {
    channel.close();
  }

  @Override
  protected List<byte[]> seeds() throws Exception {
    byte[] golden = Pages.golden("list.hex").toArray();
    byte[] pages = listOf(golden, Pages.encode(new RandomEntries(3).list(6)), Pages.single(last()));
    return List.of(golden, pages);
  }

  @Override
  protected int rounds() {
    return 2_000;
  }

  @Override
  protected long allocatedMax(int length) {
    return super.allocatedMax(length) + (long) length * Math.min(length, 4096);
  }

  @Override
  protected void parse(byte[] input) throws Exception {
    byte[] completed = completed(input);
    if (!Arrays.equals(completed, input)) {
      assertThat(isRead(input)).isFalse();
    }
    ArchivePath before = null;
    for (Entry each : entries(completed)) {
      assertThat(before == null || before.compareTo(each.path()) < 0).isTrue();
      assertThat(!(each instanceof RegularFile whole) || whole.isWhole()).isTrue();
      before = each.path();
    }
  }

  private boolean isRead(byte[] list) throws Exception {
    try {
      entries(list);
      return true;
    } catch (CorruptException _) {
      return false;
    }
  }

  private List<Entry> entries(byte[] list) throws Exception {
    channel.truncate(list.length).write(ByteBuffer.wrap(list), 0);
    EntryCursor cursor = new EntryCursor(new ListReader(channel));
    List<Entry> entries = new ArrayList<>();
    for (Optional<Entry> next = cursor.next(); next.isPresent(); next = cursor.next()) {
      entries.add(next.get());
    }
    return entries;
  }

  /// With the checksums that it must have.
  private static byte[] completed(byte[] input) throws CorruptException {
    int end = input.length - ListFormat.TRAILER_LENGTH;
    if (end < ListFormat.HEADER_LENGTH) {
      throw new CorruptException("too short");
    }
    ByteBuffer list = ByteBuffer.wrap(input.clone());
    int at = ListFormat.HEADER_LENGTH;
    while (end - at >= ListFormat.PAGE_HEADER_LENGTH) {
      long length = (long) list.getInt(at) + list.getInt(at + 4);
      int parts = at + ListFormat.PAGE_HEADER_LENGTH;
      if (length < 0 || length > end - parts) {
        break;
      }
      ByteBuffer page = list.slice(parts, (int) length);
      list.putInt(at + 8, ListFormat.checksum(list.slice(at, 8), page));
      at = parts + (int) length;
    }
    int summed = ListFormat.TRAILER_LENGTH - Integer.BYTES;
    int checksum =
        ListFormat.checksum(list.slice(0, ListFormat.HEADER_LENGTH), list.slice(end, summed));
    return list.putInt(end + summed, checksum).array();
  }

  /// A list of these pages, with the golden one's header and trailer around them.
  private static byte[] listOf(byte[] golden, List<EncodedPage> pages, EncodedPage last)
      throws CorruptException {
    List<EncodedPage> all = new ArrayList<>(pages);
    all.add(last);
    ByteBuffer out = ByteBuffer.allocate(1 << 16).put(golden, 0, ListFormat.HEADER_LENGTH);
    long entries = 0;
    for (EncodedPage each : all) {
      out.putInt(each.references().length()).putInt(each.content().length()).putInt(0);
      each.content().putInto(each.references().putInto(out));
      entries += each.entries();
    }
    int end = out.position();
    out.put(golden, golden.length - ListFormat.TRAILER_LENGTH, ListFormat.TRAILER_LENGTH);
    int counts = out.position() - Integer.BYTES - 2 * Long.BYTES;
    out.putLong(counts, all.size()).putLong(counts + Long.BYTES, entries);
    assertThat(counts).isGreaterThan(end);
    return completed(Arrays.copyOf(out.array(), out.position()));
  }

  private static List<Entry> last() throws CorruptException {
    ArchivePath path = ArchivePath.of(new byte[] {-1, -1, -1, -1});
    Entry root = new RandomEntries(1).list(1).getFirst();
    return List.of(new Entry.Symlink(path, root.metadata(), Bytes.wrap(new byte[] {'t'})));
  }
}
