package org.holdfast.client.archive;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.Invariant;
import org.holdfast.core.MachineId;
import org.holdfast.core.TransactionId;

/// Writes the client's list of an archive while the backup runs, from front to back.
///
/// An I/O edge. The caller opens an empty channel, closes it, and gives the file its name only
/// after [#finish], which leaves the bytes on the disk. A list that was not finished is not one: a
/// reader refuses it. One thread at a time.
public final class ListWriter {
  private final FileChannel channel;
  private final ByteBuffer header;
  private long pages;
  private long entries;

  /// Writes the header. `paths` is a digest of what the backup was asked for, `startMillis` the
  /// time before it looked at the first file.
  public ListWriter(
      FileChannel channel,
      MachineId machine,
      TransactionId transaction,
      Bytes paths,
      long startMillis)
      throws IOException {
    Invariant.check(paths.length() == ListFormat.PATHS_LENGTH, "length of the paths' digest");
    this.channel = channel;
    header = ByteBuffer.allocate(ListFormat.HEADER_LENGTH);
    header.put(ListFormat.MAGIC);
    header.put(machine.bytes().toArray());
    header.put(transaction.bytes().toArray());
    header.put(paths.toArray());
    header.putLong(startMillis);
    header.flip();
    write(header.duplicate());
  }

  /// Appends the archive's next page.
  public void add(EncodedPage page) throws IOException {
    int length = page.references().length() + page.content().length();
    ByteBuffer buffer = ByteBuffer.allocate(ListFormat.PAGE_HEADER_LENGTH + length);
    buffer.putInt(page.references().length());
    buffer.putInt(page.content().length());
    page.references().copyTo(buffer.array(), ListFormat.PAGE_HEADER_LENGTH);
    page.content()
        .copyTo(buffer.array(), ListFormat.PAGE_HEADER_LENGTH + page.references().length());
    buffer.putInt(
        ListFormat.checksum(
            buffer.slice(0, 2 * Integer.BYTES),
            buffer.slice(ListFormat.PAGE_HEADER_LENGTH, length)));
    write(buffer.rewind());
    pages++;
    entries += page.entries();
  }

  /// Writes what is known only at the end, and waits until all of it is on the disk.
  public void finish(BlockName root, long sequence) throws IOException {
    Invariant.check(sequence >= 1, "archives are numbered from 1");
    ByteBuffer trailer = ByteBuffer.allocate(ListFormat.TRAILER_LENGTH);
    trailer.putInt(ListFormat.TRAILER_MARK);
    trailer.put(root.bytes().toArray());
    trailer.putLong(sequence);
    trailer.putLong(pages);
    trailer.putLong(entries);
    trailer.putInt(ListFormat.checksum(header, trailer.slice(0, trailer.position())));
    write(trailer.flip());
    channel.force(true);
  }

  private void write(ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }
}
