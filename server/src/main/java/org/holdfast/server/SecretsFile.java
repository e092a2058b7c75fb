package org.holdfast.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Objects;
import java.util.Set;
import org.holdfast.bucket.Bucket;
import org.holdfast.core.FileReason;
import org.holdfast.core.Folders;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.log.SegmentId;

/// The file of a service's secrets, for its user alone. An edge.
final class SecretsFile {
  private final Path file;

  SecretsFile(Path file) {
    this.file = file;
  }

  boolean exists() {
    return Files.exists(file);
  }

  /// Makes them if they are not there, for an empty bucket only.
  ServiceSecrets readOrMake(Bucket bucket, SecureRandom random) throws HoldfastException {
    try {
      if (exists()) {
        return read();
      }
      if (!bucket.list(SegmentId.PREFIX, "", 1).objects().isEmpty()) {
        throw new RefusedException(
            "the bucket holds a service already, and its secrets are not in "
                + file
                + ": bring that file back from its copy");
      }
      ServiceSecrets made = ServiceSecrets.create(random);
      write(made.encode());
      return made;
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  /// Of a service that has been started before.
  ServiceSecrets read() throws HoldfastException {
    try {
      return ServiceSecrets.decode(Files.readString(file));
    } catch (NoSuchFileException e) {
      throw new RefusedException(
          "there is no file of service secrets " + file + ": bring it back from its copy", e);
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  private RefusedException unusable(IOException e) {
    return new RefusedException(
        "the file of service secrets " + file + " cannot be used: " + FileReason.of(e), e);
  }

  private void write(String text) throws IOException, RefusedException {
    Path parent = Objects.requireNonNull(file.toAbsolutePath().getParent(), "a file's folder");
    Folders.make(parent);
    Path whole = parent.resolve(file.getFileName() + ".new");
    Files.deleteIfExists(whole);
    var owner = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    try (FileChannel out =
        FileChannel.open(
            whole, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), owner)) {
      Folders.write(out, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
      out.force(true);
    }
    // Whole or not there: without this file the bucket is worth nothing.
    try {
      Files.createLink(file, whole);
      Files.delete(whole);
      Folders.sync(parent);
    } catch (FileAlreadyExistsException e) {
      throw new RefusedException(file + " has just been made by another process: start again", e);
    }
  }
}
