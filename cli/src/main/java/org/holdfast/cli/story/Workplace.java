package org.holdfast.cli.story;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.BucketAddress;
import org.holdfast.bucket.ListedObject;
import org.holdfast.bucket.Listing;
import org.holdfast.cli.console.Failures;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.client.tree.PathText;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.log.SegmentId;

/// The temporary folder in which the story takes place, and everything in it.
final class Workplace implements AutoCloseable {
  private static final int FILE_LENGTH = 3 << 20;
  private static final Set<PosixFilePermission> OWNERS_ALONE =
      PosixFilePermissions.fromString("rwx------");

  private final Surroundings surroundings;
  private final Path folder;
  private final BucketAddress bucket;
  private final boolean keep;

  private Workplace(Surroundings surroundings, Path folder, BucketAddress bucket, boolean keep) {
    this.surroundings = surroundings;
    this.folder = folder;
    this.bucket = bucket;
    this.keep = keep;
  }

  /// @param bucket where somebody wants the bucket; the story gets a part of it for itself
  static Workplace create(Surroundings surroundings, Optional<BucketAddress> bucket, boolean keep)
      throws IOException {
    Path parent =
        Path.of(
            surroundings
                .variable("TMPDIR")
                .orElseGet(() -> System.getProperty("java.io.tmpdir", "/tmp")));
    var closed = PosixFilePermissions.asFileAttribute(OWNERS_ALONE);
    Path folder = Files.createTempDirectory(parent.toRealPath(), "holdfast-try-", closed);
    String name = String.valueOf(folder.getFileName());
    BucketAddress own =
        switch (bucket.orElse(new BucketAddress.Directory(folder))) {
          case BucketAddress.Directory(Path path) when bucket.isPresent() ->
              new BucketAddress.Directory(path.resolve(name));
          case BucketAddress.Directory(Path path) ->
              new BucketAddress.Directory(path.resolve("bucket"));
          case BucketAddress.S3(String named, String prefix) ->
              new BucketAddress.S3(named, prefix + name + "/");
        };
    return new Workplace(surroundings, folder, own, keep);
  }

  /// A path as an argument of a process that Java starts.
  static String text(byte[] path) throws RefusedException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(path)).toString();
    } catch (CharacterCodingException e) {
      throw new RefusedException(
          "try cannot begin at "
              + PathText.print(path)
              + ", whose name is not UTF-8: give the folder that holds it",
          e);
    }
  }

  Path folder() {
    return folder;
  }

  Path config() {
    return folder.resolve("server.conf");
  }

  Path portFile() {
    return folder.resolve("port");
  }

  Path cache() {
    return folder.resolve("cache");
  }

  Path key() {
    return folder.resolve("machine.key");
  }

  Path target() {
    return folder.resolve("restored");
  }

  Path changed() {
    return folder.resolve("changed");
  }

  void writeConfig(int port) throws IOException {
    Files.writeString(
        config(),
        """
        bucket  = %s
        state   = state
        secrets = service.secrets
        listen  = 127.0.0.1:%d
        """
            .formatted(bucket, port));
  }

  int port() throws IOException {
    return Integer.parseInt(Files.readString(portFile()).strip());
  }

  /// All that the server has on its disk, but for the bucket and its secrets.
  void loseState() throws IOException {
    delete(folder.resolve("state"));
  }

  /// Makes files that cannot be compressed.
  void makeChanges(long bytes) throws IOException {
    delete(changed());
    Files.createDirectories(changed());
    SplittableRandom random = new SplittableRandom(surroundings.random().nextLong());
    byte[] block = new byte[FILE_LENGTH];
    for (int i = 0; i < bytes / FILE_LENGTH; i++) {
      random.nextBytes(block);
      try (OutputStream out = Files.newOutputStream(changed().resolve("file-" + i))) {
        out.write(block);
      }
    }
  }

  /// Bytes of all objects that are whole in the bucket.
  long bucketBytes() throws HoldfastException {
    try (Bucket opened = surroundings.buckets().open(bucket)) {
      long bytes = 0;
      String after = "";
      while (true) {
        Listing page = opened.list(SegmentId.PREFIX, after, Bucket.MAX_LISTED);
        for (ListedObject each : page.objects()) {
          bytes += each.length();
          after = each.key();
        }
        if (!page.more()) {
          return bytes;
        }
      }
    }
  }

  boolean hasEntries(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      return false;
    }
    try (var entries = Files.list(path)) {
      return entries.findAny().isPresent();
    }
  }

  @Override
  public void close() throws HoldfastException {
    if (keep) {
      return;
    }
    try {
      emptyBucket();
      delete(folder);
    } catch (IOException e) {
      throw new RefusedException(
          "the temporary folder cannot be deleted (" + Failures.line(e) + "): delete " + folder, e);
    }
  }

  private void emptyBucket() throws HoldfastException, IOException {
    switch (bucket) {
      case BucketAddress.Directory(Path path) -> delete(path);
      case BucketAddress.S3 _ -> {
        try (Bucket opened = surroundings.buckets().open(bucket)) {
          List<ListedObject> page;
          do {
            page = opened.list("", "", Bucket.MAX_LISTED).objects();
            for (ListedObject each : page) {
              opened.delete(each.key());
            }
          } while (!page.isEmpty());
        }
      }
    }
  }

  /// Restored folders may be closed to their own user.
  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes)
              throws IOException {
            Files.setPosixFilePermissions(path, OWNERS_ALONE);
            return FileVisitResult.CONTINUE;
          }

          // A folder that cannot be listed is opened, and tried again.
          @Override
          public FileVisitResult visitFileFailed(Path path, IOException failure)
              throws IOException {
            if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)
                || Files.getPosixFilePermissions(path).containsAll(OWNERS_ALONE)) {
              throw failure;
            }
            Files.setPosixFilePermissions(path, OWNERS_ALONE);
            delete(path);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path path, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(path);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(
              Path path, @org.jspecify.annotations.Nullable IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.delete(path);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
