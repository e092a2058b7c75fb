package org.holdfast.sim;

import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.FileTime;
import java.nio.file.spi.FileSystemProvider;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What `java.nio.file.Files` asks a file system for, as far as the code that ships does. Each
/// change of a name, and each write, is a file operation at which its process may be killed.
final class VolumeProvider extends FileSystemProvider {
  private final Volume volume;
  private final DiskUser user;

  VolumeProvider(Volume volume, DiskUser user) {
    this.volume = volume;
    this.user = user;
  }

  private static List<String> names(Path path) {
    return ((VolumePath) path).normalize().names();
  }

  @Override
  public FileChannel newFileChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    List<String> names = names(path);
    boolean isWritten =
        options.contains(StandardOpenOption.WRITE) || options.contains(StandardOpenOption.APPEND);
    Volume.Node found = volume.find(names);
    if (found != null && options.contains(StandardOpenOption.CREATE_NEW)) {
      throw new FileAlreadyExistsException(path.toString());
    }
    if (found == null) {
      if (!isWritten
          || !(options.contains(StandardOpenOption.CREATE)
              || options.contains(StandardOpenOption.CREATE_NEW))) {
        throw new NoSuchFileException(path.toString());
      }
      user.changes();
      found = new Volume.Content();
      volume.add(names, found);
    }
    if (isWritten
        && options.contains(StandardOpenOption.TRUNCATE_EXISTING)
        && found instanceof Volume.Content content
        && content.length() > 0) {
      user.changes();
      content.empty();
    }
    return new VolumeChannel(
        volume, found, user, isWritten, options.contains(StandardOpenOption.APPEND));
  }

  @Override
  public SeekableByteChannel newByteChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    return newFileChannel(path, options, attributes);
  }

  @Override
  public DirectoryStream<Path> newDirectoryStream(
      Path path, DirectoryStream.Filter<? super Path> filter) throws IOException {
    Volume.Folder folder = volume.folder(names(path));
    user.reads();
    List<Path> all = folder.names().stream().map(path::resolve).toList();
    return new DirectoryStream<>() {
      @Override
      public Iterator<Path> iterator() {
        return all.iterator();
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public void createDirectory(Path path, FileAttribute<?>... attributes) throws IOException {
    List<String> names = names(path);
    if (volume.find(names) != null) {
      throw new FileAlreadyExistsException(path.toString());
    }
    user.changes();
    volume.add(names, new Volume.Folder());
  }

  @Override
  public void delete(Path path) throws IOException {
    var _ = volume.get(names(path));
    user.changes();
    volume.delete(names(path));
  }

  @Override
  public void move(Path from, Path to, CopyOption... options) throws IOException {
    if (!List.of(options).contains(StandardCopyOption.ATOMIC_MOVE)) {
      throw new UnsupportedOperationException("a move that is not atomic");
    }
    user.changes();
    volume.rename(names(from), names(to));
  }

  @Override
  public void checkAccess(Path path, AccessMode... modes) throws IOException {
    var _ = volume.get(names(path));
  }

  @Override
  public <A extends BasicFileAttributes> A readAttributes(
      Path path, Class<A> type, LinkOption... options) throws IOException {
    return type.cast(new Attributes(volume.get(names(path))));
  }

  @Override
  public String getScheme() {
    return "volume";
  }

  @Override
  public boolean isSameFile(Path one, Path other) {
    return names(one).equals(names(other));
  }

  @Override
  public boolean isHidden(Path path) {
    return false;
  }

  @Override
  public FileSystem newFileSystem(URI uri, Map<String, ?> environment) {
    throw new UnsupportedOperationException();
  }

  @Override
  public FileSystem getFileSystem(URI uri) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Path getPath(URI uri) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void copy(Path from, Path to, CopyOption... options) {
    throw new UnsupportedOperationException();
  }

  @Override
  public FileStore getFileStore(Path path) {
    throw new UnsupportedOperationException();
  }

  @Override
  public <V extends FileAttributeView> @Nullable V getFileAttributeView(
      Path path, Class<V> type, LinkOption... options) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Map<String, Object> readAttributes(Path path, String names, LinkOption... options) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void setAttribute(Path path, String name, Object value, LinkOption... options) {
    throw new UnsupportedOperationException();
  }

  private record Attributes(Volume.Node node) implements BasicFileAttributes {
    @Override
    public boolean isRegularFile() {
      return node instanceof Volume.Content;
    }

    @Override
    public boolean isDirectory() {
      return node instanceof Volume.Folder;
    }

    @Override
    public long size() {
      return node instanceof Volume.Content content ? content.length() : 0;
    }

    @Override
    public boolean isSymbolicLink() {
      return false;
    }

    @Override
    public boolean isOther() {
      return false;
    }

    @Override
    public Object fileKey() {
      return node.number();
    }

    @Override
    public FileTime lastModifiedTime() {
      return FileTime.fromMillis(0);
    }

    @Override
    public FileTime lastAccessTime() {
      return FileTime.fromMillis(0);
    }

    @Override
    public FileTime creationTime() {
      return FileTime.fromMillis(0);
    }
  }
}
