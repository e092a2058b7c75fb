package org.holdfast.client.archive;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import java.util.Optional;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.Invariant;
import org.holdfast.core.MachineId;
import org.holdfast.core.TransactionId;

/// Reads the client's list of an archive page by page, in constant memory.
///
/// An I/O edge. Header and trailer are checked at once, each page when it is read; whatever is
/// damaged or unfinished gives [CorruptException], after which the caller takes the archive from
/// the server instead. Reads by position and closes nothing. One thread at a time.
public final class ListReader {
  private final FileChannel channel;
  private final MachineId machine;
  private final TransactionId transaction;
  private final Bytes paths;
  private final long startMillis;
  private final BlockName root;
  private final long sequence;
  private final long pages;
  private final long entries;
  private final long end;
  private long at = ListFormat.HEADER_LENGTH;
  private long pagesRead;

  /// Reads header and trailer.
  public ListReader(FileChannel channel) throws IOException, CorruptException {
    this.channel = channel;
    long size = channel.size();
    if (size < ListFormat.HEADER_LENGTH + ListFormat.TRAILER_LENGTH) {
      throw fault("it is not finished");
    }
    end = size - ListFormat.TRAILER_LENGTH;
    ByteBuffer header = read(0, ListFormat.HEADER_LENGTH);
    ByteBuffer trailer = read(end, ListFormat.TRAILER_LENGTH);
    int checksum = trailer.getInt(ListFormat.TRAILER_LENGTH - Integer.BYTES);
    ByteBuffer summed = trailer.slice(0, ListFormat.TRAILER_LENGTH - Integer.BYTES);
    if (ListFormat.checksum(header, summed) != checksum) {
      throw fault("it is not finished, or its checksum differs");
    }
    byte[] magic = take(header, ListFormat.MAGIC.length);
    if (!Arrays.equals(magic, ListFormat.MAGIC) || trailer.getInt() != ListFormat.TRAILER_MARK) {
      throw fault("it is of a version that is not known here");
    }
    machine = MachineId.of(take(header, MachineId.LENGTH));
    transaction = TransactionId.of(take(header, TransactionId.LENGTH));
    paths = Bytes.wrap(take(header, ListFormat.PATHS_LENGTH));
    startMillis = header.getLong();
    root = BlockName.of(take(trailer, BlockName.LENGTH));
    sequence = trailer.getLong();
    pages = trailer.getLong();
    entries = trailer.getLong();
    if (sequence < 1 || startMillis < 0 || pages < 0 || entries < pages) {
      throw fault("a number is out of bounds");
    }
  }

  public MachineId machine() {
    return machine;
  }

  public TransactionId transaction() {
    return transaction;
  }

  /// The digest of the paths that were asked for.
  public Bytes paths() {
    return paths;
  }

  /// When the backup began, in ms since 1970 by this machine's clock.
  public long startMillis() {
    return startMillis;
  }

  /// The archive that this is the list of.
  public BlockName root() {
    return root;
  }

  public long sequence() {
    return sequence;
  }

  /// How many entries all pages hold, each part of a long file counted.
  public long entries() {
    return entries;
  }

  /// The next page, or nothing after the last.
  public Optional<ListedPage> next() throws IOException, CorruptException {
    if (pagesRead == pages) {
      if (at != end) {
        throw fault("bytes are left over");
      }
      return Optional.empty();
    }
    Invariant.check(at <= end, "the list is not read beyond its end");
    if (end - at < ListFormat.PAGE_HEADER_LENGTH) {
      throw fault("a page is missing");
    }
    ByteBuffer header = read(at, ListFormat.PAGE_HEADER_LENGTH);
    int references = header.getInt();
    int content = header.getInt();
    checkLength(references);
    checkLength(content);
    if (end - at - ListFormat.PAGE_HEADER_LENGTH < references + content) {
      throw fault("a page is too long");
    }
    ByteBuffer parts = read(at + ListFormat.PAGE_HEADER_LENGTH, references + content);
    if (ListFormat.checksum(header.slice(0, 2 * Integer.BYTES), parts) != header.getInt()) {
      throw fault("the checksum of a page differs");
    }
    at += ListFormat.PAGE_HEADER_LENGTH + references + content;
    pagesRead++;
    return Optional.of(
        new ListedPage(Bytes.wrap(take(parts, references)), Bytes.wrap(take(parts, content))));
  }

  private static void checkLength(int length) throws CorruptException {
    if (length < 0 || length > EntryFormat.LENGTH_MAX) {
      throw fault("the length of a page is out of bounds");
    }
  }

  private static byte[] take(ByteBuffer buffer, int length) {
    byte[] taken = new byte[length];
    buffer.get(taken);
    return taken;
  }

  private ByteBuffer read(long position, int length) throws IOException, CorruptException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        throw fault("it became shorter while it was read");
      }
    }
    return buffer.flip();
  }

  static CorruptException fault(String fault) {
    return new CorruptException(
        "the local list of the last archive is damaged: " + fault + "; it can be deleted");
  }

  /// A page's two parts, checked against the list's checksum but not looked into.
  public record ListedPage(Bytes references, Bytes content) {}
}
