package org.holdfast.server.shard;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.holdfast.core.FileReason;
import org.holdfast.core.Folders;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.SegmentId;

/// A shard's folder on the local disk, held by one process at a time from [#open] to [#close].
///
/// ```
/// state.lock       locked by whoever works here, a server or a rebuild
/// index/           the index
/// index.rebuilt/   one that is being made
/// rebuild/         what making it needs meanwhile
/// drill/           as these three, for a drill, with a lock of its own
/// image/           files of the index that are on their way to the bucket
/// index.replaced/  one whose place a new one has taken, until it is deleted
/// clean            the index was flushed and closed
/// held             it once was not, and a person is to look: see [AfterCrash#HOLD]
/// damaged          objects of the log that are not what was acknowledged: a line each, of what is
///                  wrong with it and its key; later lines win
/// drills, timeline what was done when, a line each: see `journal`
/// scrub            how far the scrub has come: see [ScrubProgress]
/// defects/         what was seen when something happened that should never happen: the last few
///                  reports, each of bounded length
/// overrides        checks that rebuilds went on without: a line each, of when, which and what was
///                  seen; the last hundred
/// ```
///
/// The mark `clean` is off the disk before the index changes: it must not come back with the power.
///
/// An edge: all that is done to these files besides what the index itself does.
public final class StateFolder implements AutoCloseable {
  private static final String HELD = "held";
  private static final String DAMAGED = "damaged";
  private static final String SCRUB = "scrub";

  private static final String CLEAN = "clean";
  private static final String INDEX = "index";
  private static final String REBUILT = "index.rebuilt";
  private static final String REPLACED = "index.replaced";
  private static final String SCRATCH = "rebuild";
  private static final String IMAGE = "image";
  private static final String DEFECTS = "defects";
  private static final String OVERRIDES = "overrides";

  /// Files and folders in it, but for the lock.
  private static final List<String> FILES = List.of(DAMAGED, SCRUB, CLEAN, HELD, OVERRIDES);

  private static final List<String> FOLDERS =
      List.of(INDEX, REBUILT, REPLACED, SCRATCH, IMAGE, DEFECTS);

  /// So many reports of defects are kept, the newest ones.
  private static final int DEFECTS_MAX = 8;

  private static final int OVERRIDES_MAX = 100;
  private static final int DEFECT_LENGTH_MAX = 64 << 10;

  private final Path folder;
  private final FileChannel lock;

  private StateFolder(Path folder, FileChannel lock) {
    this.folder = folder;
    this.lock = lock;
  }

  /// Makes the folder where there is none, for its user alone, since the operator's socket may lie
  /// in it. Throws [UnavailableException] if another process works in it.
  public static StateFolder open(Path folder) throws RefusedException, UnavailableException {
    try {
      Folders.make(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      FileChannel lock = lock(folder);
      try {
        dropMisplaced(folder);
        return new StateFolder(folder, lock);
      } catch (IOException e) {
        lock.close();
        throw e;
      }
    } catch (IOException e) {
      throw unusable(folder, e);
    }
  }

  /// A folder where a file belongs, and a file where a folder does, is nothing that was made here:
  /// a broken disk's, or a person's mistake. It may be deleted as all else here.
  private static void dropMisplaced(Path folder) throws IOException {
    for (String file : FILES) {
      if (Files.isDirectory(folder.resolve(file))) {
        Folders.delete(folder.resolve(file));
      }
    }
    for (String inside : FOLDERS) {
      if (Files.exists(folder.resolve(inside)) && !Files.isDirectory(folder.resolve(inside))) {
        Files.delete(folder.resolve(inside));
      }
    }
  }

  // Closing the channel gives the lock back.
  private static FileChannel lock(Path folder) throws IOException, UnavailableException {
    FileChannel channel =
        FileChannel.open(
            folder.resolve("state.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    boolean locked = false;
    try {
      locked = channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      // Held by this very process: the same to the caller.
      locked = false;
    } finally {
      if (!locked) {
        channel.close();
      }
    }
    if (!locked) {
      throw new UnavailableException(
          "the state folder " + folder + " is in use by another process: wait for it, or stop it");
    }
    return channel;
  }

  public Path path() {
    return folder;
  }

  /// Deletes what was made here of an index that nobody needs, and the folder unless it holds
  /// something else. Nobody works here any more.
  public void remove() throws RefusedException {
    delete(index());
    delete(freshIndex());
    delete(scratch());
    delete(image());
    try {
      takeCleanMark();
      Files.deleteIfExists(folder.resolve("state.lock"));
      try (Stream<Path> left = Files.list(folder)) {
        if (left.findAny().isEmpty()) {
          Files.delete(folder);
        }
      }
    } catch (IOException e) {
      throw unusable(folder, e);
    }
  }

  /// Where the index is.
  public Path index() {
    return folder.resolve(INDEX);
  }

  public boolean hasIndex() {
    return Files.exists(index());
  }

  /// An empty place for an index that is being made.
  public Path freshIndex() throws RefusedException {
    Path fresh = folder.resolve(REBUILT);
    delete(fresh);
    return fresh;
  }

  /// A place for what a rebuild needs until it is done.
  public Path scratch() {
    return folder.resolve(SCRATCH);
  }

  /// A place for files of the index that are on their way to the bucket.
  public Path image() {
    return folder.resolve(IMAGE);
  }

  /// Puts a finished index in the old one's place. Whatever happens meanwhile, there is never a
  /// part of an index in that place.
  public void replaceIndex(Path fresh) throws RefusedException {
    Path replaced = folder.resolve(REPLACED);
    delete(replaced);
    try {
      takeCleanMark();
      if (hasIndex()) {
        // The old one says how far the log must reach: not before the new one can.
        syncIndex(fresh);
        Files.move(index(), replaced, StandardCopyOption.ATOMIC_MOVE);
      }
      Files.move(fresh, index(), StandardCopyOption.ATOMIC_MOVE);
      Folders.sync(folder);
    } catch (IOException e) {
      throw unusable(folder, e);
    }
    delete(replaced);
  }

  /// Whether a person is to look before anything is written. Once that is so it stays so, until a
  /// start with another policy.
  public boolean isHeld(AfterCrash policy) throws RefusedException {
    Path held = folder.resolve(HELD);
    try {
      if (policy != AfterCrash.HOLD) {
        Files.deleteIfExists(held);
        return false;
      }
      if (hasIndex() && !Files.exists(folder.resolve(CLEAN)) && !Files.exists(held)) {
        Files.createFile(held);
        Folders.sync(folder);
      }
      return Files.exists(held);
    } catch (IOException e) {
      throw unusable(folder, e);
    }
  }

  /// Whether the index was flushed and closed. Not so any more from here on.
  public boolean takeCleanMark() throws RefusedException {
    try {
      boolean clean = Files.deleteIfExists(folder.resolve(CLEAN));
      if (clean) {
        Folders.sync(folder);
      }
      return clean;
    } catch (IOException e) {
      throw unusable(folder, e);
    }
  }

  /// Says that the index was flushed and closed, so that the next start may trust it. Its files are
  /// on the disk before the mark is: whoever has put them there need not wait for that.
  public void markClean() throws RefusedException {
    try {
      syncIndex(index());
      Files.write(folder.resolve(CLEAN), new byte[0]);
    } catch (IOException e) {
      throw unusable(folder, e);
    }
  }

  private static void syncIndex(Path index) throws IOException {
    try (Stream<Path> files = Files.list(index)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        if (Files.isRegularFile(file)) {
          Folders.sync(file);
        }
      }
    } catch (NoSuchFileException e) {
      // An index in memory has none.
      return;
    }
    Folders.sync(index);
  }

  /// What is known to be wrong with objects of the log.
  Map<SegmentId, Damage> damaged() throws RefusedException {
    Map<SegmentId, Damage> found = new TreeMap<>();
    try {
      // Of a file that is not what was written, what makes sense counts.
      byte[] text = Files.readAllBytes(folder.resolve(DAMAGED));
      for (String line : new String(text, StandardCharsets.ISO_8859_1).lines().toList()) {
        String[] words = line.split(" ", 2);
        Optional<SegmentId> segment = SegmentId.ofKey(words[words.length - 1]);
        for (Damage damage : Damage.values()) {
          if (segment.isPresent() && damage.name().equals(words[0])) {
            found.put(segment.get(), damage);
          }
        }
      }
    } catch (NoSuchFileException e) {
      // Nothing is.
    } catch (IOException e) {
      throw unusable(folder, e);
    }
    return found;
  }

  void addDamaged(SegmentId segment, Damage damage) throws RefusedException {
    try {
      // On a line of its own, whatever a crash has left of the last one.
      write(
          folder.resolve(DAMAGED),
          "\n" + line(segment, damage),
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
      Folders.sync(folder);
    } catch (IOException e) {
      throw unusable(folder, e);
    }
  }

  void replaceDamaged(Map<SegmentId, Damage> damaged) throws RefusedException {
    StringBuilder lines = new StringBuilder();
    damaged.forEach((segment, damage) -> lines.append(line(segment, damage)));
    try {
      if (damaged.isEmpty()) {
        Files.deleteIfExists(folder.resolve(DAMAGED));
        return;
      }
      byte[] text = lines.toString().getBytes(StandardCharsets.UTF_8);
      Folders.replace(folder.resolve(DAMAGED), ByteBuffer.wrap(text));
    } catch (IOException e) {
      throw unusable(folder, e);
    }
  }

  /// How far the scrub has come; empty if that is not known.
  Optional<ScrubProgress> scrub() throws RefusedException {
    try (FileChannel channel = FileChannel.open(folder.resolve(SCRUB), StandardOpenOption.READ)) {
      ByteBuffer text = ByteBuffer.allocate(ScrubProgress.TEXT_LENGTH_MAX + 1);
      while (text.hasRemaining() && channel.read(text) >= 0) {
        // As much as a whole one may have.
      }
      return ScrubProgress.of(
          new String(text.array(), 0, text.position(), StandardCharsets.ISO_8859_1));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw unusable(folder, e);
    }
  }

  void keepScrub(ScrubProgress progress) throws RefusedException {
    try {
      Folders.replace(
          folder.resolve(SCRUB),
          ByteBuffer.wrap(progress.text().getBytes(StandardCharsets.ISO_8859_1)));
    } catch (IOException e) {
      throw unusable(folder, e);
    }
  }

  /// Checks that rebuilds went on without, the last one last.
  ///
  /// Nothing depends on it: a file that cannot be read, or is not what it was, stops nobody.
  public List<String> overrides() {
    try {
      byte[] text = Files.readAllBytes(folder.resolve(OVERRIDES));
      return new String(text, StandardCharsets.UTF_8).lines().toList();
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      return List.of("what was overridden is not known: " + e);
    }
  }

  /// Is on the disk when this returns.
  public void addOverrides(List<String> lines) throws RefusedException {
    List<String> all = new ArrayList<>(overrides());
    all.addAll(lines);
    List<String> kept = all.subList(Math.max(0, all.size() - OVERRIDES_MAX), all.size());
    String text = String.join("\n", kept) + "\n";
    try {
      Folders.replace(
          folder.resolve(OVERRIDES), ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw unusable(folder, e);
    }
  }

  /// Keeps a report of what should never happen, made at that time, and returns its file.
  Path addDefect(long millis, String text) throws RefusedException {
    Path defects = folder.resolve(DEFECTS);
    try {
      Folders.make(defects);
      Path file = defects.resolve("%015d.txt".formatted(millis));
      write(
          file,
          text.substring(0, Math.min(text.length(), DEFECT_LENGTH_MAX)),
          StandardOpenOption.CREATE,
          StandardOpenOption.TRUNCATE_EXISTING,
          StandardOpenOption.WRITE);
      dropOldDefects(defects);
      Folders.sync(defects);
      return file;
    } catch (IOException e) {
      throw unusable(folder, e);
    }
  }

  private static void dropOldDefects(Path defects) throws IOException {
    try (Stream<Path> files = Files.list(defects)) {
      List<Path> newestFirst = files.sorted(Comparator.reverseOrder()).toList();
      for (Path file :
          newestFirst.subList(Math.min(DEFECTS_MAX, newestFirst.size()), newestFirst.size())) {
        Files.delete(file);
      }
    }
  }

  /// What may still be written to the file system that the folder is on, in bytes.
  long freeBytes() throws RefusedException {
    try {
      return Files.getFileStore(folder).getUsableSpace();
    } catch (IOException e) {
      throw unusable(folder, e);
    }
  }

  /// A restart must not forget it, so it is on the disk when this returns.
  private static void write(Path file, String text, OpenOption... options) throws IOException {
    try (FileChannel channel = FileChannel.open(file, options)) {
      Folders.write(channel, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
      channel.force(true);
    }
  }

  private static String line(SegmentId segment, Damage damage) {
    return damage.name() + " " + segment.key() + "\n";
  }

  /// Deletes one of the folder's folders, and all that is in it.
  public void delete(Path inside) throws RefusedException {
    try {
      Folders.delete(inside);
    } catch (IOException e) {
      throw unusable(folder, e);
    }
  }

  /// Lets others work here.
  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException e) {
      // The process's end releases it too.
    }
  }

  private static RefusedException unusable(Path folder, IOException e) {
    return new RefusedException(
        "the state folder " + folder + " cannot be used: " + FileReason.of(e), e);
  }
}
