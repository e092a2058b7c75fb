package org.holdfast.sim;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/// An open file of a [Volume], or an open folder, which can only be forced.
///
/// Everybody is given the lock: no two processes of a run are alive on one disk.
final class VolumeChannel extends FileChannel {
  private final Volume volume;
  private final Volume.Node node;
  private final DiskUser user;
  private final boolean isWritten;
  private final boolean isAppended;
  private long position;

  VolumeChannel(
      Volume volume, Volume.Node node, DiskUser user, boolean isWritten, boolean isAppended) {
    this.volume = volume;
    this.node = node;
    this.user = user;
    this.isWritten = isWritten;
    this.isAppended = isAppended;
  }

  private Volume.Content content() throws IOException {
    if (!isOpen()) {
      throw new ClosedChannelException();
    }
    if (node instanceof Volume.Content content) {
      return content;
    }
    throw new IOException("Is a directory");
  }

  @Override
  public int read(ByteBuffer to) throws IOException {
    int count = read(to, position);
    position += Math.max(0, count);
    return count;
  }

  @Override
  public int read(ByteBuffer to, long from) throws IOException {
    Volume.Content content = content();
    user.reads();
    byte[] bytes = content.read(from, to.remaining());
    to.put(bytes);
    return bytes.length == 0 && from >= content.length() ? -1 : bytes.length;
  }

  @Override
  public int write(ByteBuffer from) throws IOException {
    int count = write(from, isAppended ? size() : position);
    position += count;
    return count;
  }

  @Override
  public int write(ByteBuffer from, long at) throws IOException {
    Volume.Content content = content();
    if (!isWritten) {
      throw new NonWritableChannelException();
    }
    byte[] bytes = new byte[from.remaining()];
    from.get(bytes);
    if (user.isCut()) {
      content.write((int) at, bytes, user.part(bytes.length));
      user.end();
    }
    if (volume.isFull() && content.grows((int) at + bytes.length)) {
      throw new IOException("No space left on device");
    }
    content.write((int) at, bytes, bytes.length);
    return bytes.length;
  }

  @Override
  public void force(boolean withMetadata) throws IOException {
    if (!isOpen()) {
      throw new ClosedChannelException();
    }
    user.changes();
    node.force();
  }

  @Override
  public long size() throws IOException {
    return content().length();
  }

  @Override
  public long position() {
    return position;
  }

  @Override
  public FileChannel position(long next) {
    position = next;
    return this;
  }

  @Override
  public FileLock tryLock(long from, long length, boolean isShared) {
    return new FileLock(this, from, length, isShared) {
      @Override
      public boolean isValid() {
        return VolumeChannel.this.isOpen();
      }

      @Override
      public void release() {}
    };
  }

  @Override
  protected void implCloseChannel() {}

  @Override
  public FileLock lock(long from, long length, boolean isShared) {
    throw new UnsupportedOperationException();
  }

  @Override
  public long read(ByteBuffer[] to, int offset, int length) {
    throw new UnsupportedOperationException();
  }

  @Override
  public long write(ByteBuffer[] from, int offset, int length) {
    throw new UnsupportedOperationException();
  }

  @Override
  public FileChannel truncate(long length) {
    throw new UnsupportedOperationException();
  }

  @Override
  public long transferTo(long from, long count, WritableByteChannel target) {
    throw new UnsupportedOperationException();
  }

  @Override
  public long transferFrom(ReadableByteChannel source, long to, long count) {
    throw new UnsupportedOperationException();
  }

  @Override
  public MappedByteBuffer map(MapMode mode, long from, long length) {
    throw new UnsupportedOperationException();
  }
}
