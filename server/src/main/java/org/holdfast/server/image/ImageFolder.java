package org.holdfast.server.image;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.holdfast.core.Folders;
import org.holdfast.core.UnavailableException;

/// A folder with the files of an index, which nobody changes meanwhile. An edge.
public final class ImageFolder {
  private final Path folder;

  public ImageFolder(Path folder) {
    this.folder = folder;
  }

  /// Those that an image consists of, by their names. What else is there, as RocksDB's own log, is
  /// not needed.
  public List<Local> files() throws UnavailableException {
    List<Local> found = new ArrayList<>();
    try (Stream<Path> all = Files.list(folder)) {
      for (Path file : all.sorted().toList()) {
        String name = file.getFileName().toString();
        if (ImageFile.isName(name)) {
          var attributes = Files.readAttributes(file, BasicFileAttributes.class);
          found.add(new Local(name, attributes.size(), String.valueOf(attributes.fileKey())));
        }
      }
    } catch (IOException e) {
      throw unusable("read", e);
    }
    return found;
  }

  /// A piece of a file.
  public ByteBuffer read(String name, long offset, int length) throws UnavailableException {
    ByteBuffer piece = ByteBuffer.allocate(length);
    try (FileChannel channel = FileChannel.open(folder.resolve(name), StandardOpenOption.READ)) {
      while (piece.hasRemaining()) {
        if (channel.read(piece, offset + piece.position()) < 0) {
          throw new EOFException(name + " is shorter than it was");
        }
      }
      return piece.flip();
    } catch (IOException e) {
      throw unusable("read", e);
    }
  }

  /// Makes the folder.
  void make() throws UnavailableException {
    try {
      Folders.make(folder);
    } catch (IOException e) {
      throw unusable("written", e);
    }
  }

  /// A new file in it. Nothing waits until it is on the disk.
  Growing create(String name) throws UnavailableException {
    try {
      return new Growing(
          FileChannel.open(
              folder.resolve(name), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
    } catch (IOException e) {
      throw unusable("written", e);
    }
  }

  private UnavailableException unusable(String verb, IOException e) {
    return new UnavailableException(
        "files of the index cannot be "
            + verb
            + " in "
            + folder
            + " ("
            + e
            + "): make room, or look"
            + " after that disk",
        e);
  }

  /// A file, its length in bytes, and the number that the file system has given it.
  public record Local(String name, long length, String number) {}

  /// A file that is written.
  final class Growing implements AutoCloseable {
    private final FileChannel channel;

    private Growing(FileChannel channel) {
      this.channel = channel;
    }

    void append(byte[] piece) throws UnavailableException {
      try {
        Folders.write(channel, ByteBuffer.wrap(piece));
      } catch (IOException e) {
        throw unusable("written", e);
      }
    }

    @Override
    public void close() throws UnavailableException {
      try {
        channel.close();
      } catch (IOException e) {
        throw unusable("written", e);
      }
    }
  }
}
