package org.holdfast.client.backup;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.holdfast.client.tree.ExtendedAttribute;
import org.holdfast.client.tree.FileAccessException;
import org.holdfast.client.tree.FileStatus;
import org.holdfast.client.tree.FileType;
import org.holdfast.client.tree.SourceFile;
import org.holdfast.client.tree.SourceTree;
import org.holdfast.client.tree.Timestamp;
import org.holdfast.client.tree.TreePath;
import org.holdfast.client.tree.TreeWalk;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.jspecify.annotations.Nullable;

/// A file system with one file, whose content is a stream that is read once, to its end. A stream
/// that breaks makes no archive ([#finish]).
public final class StreamPlace implements SourceTree.Place {
  /// So that nobody takes it for a small file; how long it is shows when it has been read.
  private static final long LENGTH_UNKNOWN = Long.MAX_VALUE;

  private static final int FILE_MODE = 0600;
  private static final int FOLDER_MODE = 0755;

  private final byte[] path;
  private final InputStream in;
  private final Owner owner;
  private final Timestamp time;
  private @Nullable IOException failure;

  /// A place that holds one file.
  ///
  /// @param path absolute
  public StreamPlace(byte[] path, InputStream in, Owner owner, Timestamp time) {
    this.path = path.clone();
    this.in = in;
    this.owner = owner;
    this.time = time;
  }

  /// Whose the file is, and the folders above it.
  public record Owner(long uid, long gid) {}

  @Override
  public SourceTree open(byte[] opened) {
    return new Tree(
        Arrays.equals(opened, path)
            ? status(FileType.REGULAR, LENGTH_UNKNOWN)
            : status(FileType.FOLDER, 0));
  }

  @Override
  public void finish() throws HoldfastException {
    if (failure != null) {
      throw new RefusedException(String.valueOf(failure.getMessage()), failure);
    }
  }

  private FileStatus status(FileType type, long size) {
    boolean isFile = type == FileType.REGULAR;
    return new FileStatus(
        type,
        isFile ? FILE_MODE : FOLDER_MODE,
        owner.uid,
        owner.gid,
        size,
        0,
        time,
        time,
        isFile ? 2 : 1,
        0,
        1,
        0,
        0,
        false);
  }

  /// The file, or a folder that holds nothing else.
  private final class Tree implements SourceTree {
    private final FileStatus status;

    Tree(FileStatus status) {
      this.status = status;
    }

    @Override
    public TreeWalk walk() {
      List<TreeWalk.Step> steps =
          new ArrayList<>(List.of(new TreeWalk.Found(TreePath.root(), status)));
      return new TreeWalk() {
        @Override
        public @Nullable Step next() {
          return steps.isEmpty() ? null : steps.removeFirst();
        }

        @Override
        public void skipChildren() {}

        @Override
        public void close() {}
      };
    }

    @Override
    public FileStatus status(byte[] at) {
      return status;
    }

    @Override
    public SourceFile open(byte[] at, FileStatus expected) {
      return new Content(status);
    }

    @Override
    public byte[] symlinkTarget(byte[] at) throws FileAccessException {
      throw new IllegalStateException("a stream is no symlink");
    }

    @Override
    public List<ExtendedAttribute> attributes(byte[] at) {
      return List.of();
    }

    @Override
    public Optional<byte[]> userName(long uid) {
      return Optional.empty();
    }

    @Override
    public Optional<byte[]> groupName(long gid) {
      return Optional.empty();
    }

    @Override
    public void close() {}
  }

  /// What the stream brings.
  private final class Content implements SourceFile {
    private FileStatus status;
    private long position;

    Content(FileStatus status) {
      this.status = status;
    }

    /// How long it was is known at its end.
    @Override
    public FileStatus opened() {
      return status;
    }

    @Override
    public long position() {
      return position;
    }

    @Override
    public long skipHole() {
      return 0;
    }

    @Override
    public int read(byte[] into, int offset, int length) {
      try {
        int read = in.readNBytes(into, offset, length);
        position += read;
        if (read > 0) {
          return read;
        }
      } catch (IOException e) {
        failure = e;
      }
      status = StreamPlace.this.status(FileType.REGULAR, position);
      return -1;
    }

    @Override
    public FileStatus status() {
      return status;
    }

    @Override
    public List<ExtendedAttribute> attributes() {
      return List.of();
    }

    @Override
    public void close() {}
  }
}
