package org.holdfast.client.catalog;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.holdfast.core.BlockName;
import org.holdfast.core.CorruptException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Right;
import org.holdfast.protocol.Message;
import org.holdfast.seal.CacheSeal;
import org.holdfast.seal.KeyFile;
import org.holdfast.seal.VerifyingKey;
import org.jspecify.annotations.Nullable;

/// What roots say that were fetched, opened and found to be signed by their machine, so that it
/// need not be done again: a root never changes under its name.
///
/// - It is kept in a sealed file of the machine's cache folder, `archives-read` with the names for
///   who can read, else `archives-tidy` without. Nobody who lacks the key can have changed it, and
///   one that was made with other keys, for another machine, or while other signatures counted does
///   not open. Then, and if there is none, all roots are fetched.
/// - It says nothing of which archives there are: the server does, each time, and what it says of
///   one must be what is known of it.
/// - It may be deleted at any time, and an old one is as good as a new one: it knows less.
///
/// One thread. An I/O edge.
public final class KnownArchives {
  /// Some ten thousand archives; beyond that the oldest are fetched each time.
  private static final int BYTES_MAX = 8 << 20;

  /// More than sealing adds.
  private static final long SEAL_LENGTH_MAX = 1024;

  private static final String CONTEXT = "holdfast known archives 1\0";

  private final @Nullable Place place;
  private @Nullable Map<BlockName, ArchiveInfo> known;

  private KnownArchives(@Nullable Place place) {
    this.place = place;
  }

  /// Knows nothing, and keeps nothing.
  public static KnownArchives none() {
    return new KnownArchives(null);
  }

  /// What is known in that folder, which need not be there. Throws [RefusedException] for a key
  /// file that can neither read nor tidy.
  public static KnownArchives in(Path folder, KeyFile keyFile, SecureRandom random)
      throws RefusedException {
    boolean names = keyFile.keys().rights().contains(Right.READ);
    return new KnownArchives(
        new Place(
            folder.resolve(names ? "archives-read" : "archives-tidy"),
            names ? CacheSeal.of(keyFile.keys().read()) : CacheSeal.of(keyFile.keys().tidy()),
            names,
            context(keyFile),
            random));
  }

  /// An archive that the server shows, if its root is known and says the same of it.
  Optional<ArchiveInfo> find(Message.Archive shown) {
    ArchiveInfo info = all().get(shown.root());
    if (info == null || info.sequence() != shown.sequence() || info.partial() != shown.partial()) {
      return Optional.empty();
    }
    return Optional.of(info.committedAt(shown.committedMillis()));
  }

  /// Keeps what is known of these archives, and of no others, if any of them is new.
  void keep(List<ArchiveInfo> archives) {
    if (place == null) {
      return;
    }
    List<ArchiveInfo> newestFirst =
        archives.stream()
            .filter(each -> !place.names || !each.name().isEmpty())
            .sorted(Comparator.comparingLong(ArchiveInfo::sequence).reversed())
            .toList();
    Map<BlockName, ArchiveInfo> before = all();
    if (newestFirst.stream().allMatch(each -> before.containsKey(each.root()))) {
      return;
    }
    Map<BlockName, ArchiveInfo> now = new HashMap<>();
    newestFirst.forEach(each -> now.put(each.root(), each));
    known = now;
    try {
      place.write(newestFirst);
    } catch (IOException e) {
      // Whoever cannot write there can list archives all the same, and does it slower.
    }
  }

  private Map<BlockName, ArchiveInfo> all() {
    Map<BlockName, ArchiveInfo> all = known;
    if (all == null) {
      all = new HashMap<>();
      if (place != null) {
        for (ArchiveInfo each : place.read()) {
          all.put(each.root(), each);
        }
      }
      known = all;
    }
    return all;
  }

  /// Whose archives, and whose signatures on them count.
  private static byte[] context(KeyFile keyFile) {
    try {
      MessageDigest keys = MessageDigest.getInstance("SHA-256");
      for (VerifyingKey each : keyFile.keys().verifying()) {
        keys.update(each.bytes().toArray());
      }
      byte[] start = CONTEXT.getBytes(StandardCharsets.US_ASCII);
      byte[] machine = keyFile.machineId().bytes().toArray();
      byte[] digest = keys.digest();
      return ByteBuffer.allocate(start.length + machine.length + digest.length)
          .put(start)
          .put(machine)
          .put(digest)
          .array();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /// A file, and what it is sealed with.
  ///
  /// @param names whether the archives' names are in it
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Place(
      Path file, CacheSeal seal, boolean names, byte[] context, SecureRandom random) {
    List<ArchiveInfo> read() {
      try {
        if (Files.size(file) > BYTES_MAX + SEAL_LENGTH_MAX) {
          return List.of();
        }
        return KnownFormat.decode(seal.open(context, Files.readAllBytes(file)));
      } catch (IOException | CorruptException e) {
        // As good as none: the roots are fetched again, and the file is replaced.
        return List.of();
      }
    }

    /// Not forced to the disk: one that a crash has torn does not open.
    void write(List<ArchiveInfo> archives) throws IOException {
      byte[] sealed = seal.seal(context, KnownFormat.encode(archives, BYTES_MAX), random);
      Path next = file.resolveSibling(file.getFileName() + ".new");
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.write(next, sealed);
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    }
  }
}
