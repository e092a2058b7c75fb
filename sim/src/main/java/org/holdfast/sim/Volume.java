package org.holdfast.sim;

import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// What is on a disk: folders and files, each as processes see it and as it was forced.
///
/// A process that is killed loses nothing of it. A power cut does, as `fsync(2)` and journaling
/// file systems have it:
///
/// - What was forced of a file is there, if the file has a name. What was not is there, or the
///   forced content is, or nothing, a beginning, or zeros.
/// - The changes of a folder's names (a file made, renamed, deleted) happen whole and in their
///   order, each folder for itself. The last of those that were not forced may not have happened.
/// - To force a file does not force its name, and to force a folder does not force its own.
final class Volume {
  private static final int BLOCK_LENGTH = 8 << 10;

  private Folder root = new Folder();
  private boolean isFull;

  /// There is no room for another block, or there is again.
  void fill(boolean full) {
    isFull = full;
  }

  boolean isFull() {
    return isFull;
  }

  /// Nothing is left.
  void wipe() {
    root = new Folder();
  }

  /// What has this name.
  @Nullable Node find(List<String> names) {
    Node found = root;
    for (String name : names) {
      if (!(found instanceof Folder folder)) {
        return null;
      }
      found = folder.now.get(name);
      if (found == null) {
        return null;
      }
    }
    return found;
  }

  Node get(List<String> names) throws FileSystemException {
    Node found = find(names);
    if (found == null) {
      throw new NoSuchFileException(text(names));
    }
    return found;
  }

  Folder folder(List<String> names) throws FileSystemException {
    if (get(names) instanceof Folder folder) {
      return folder;
    }
    throw new NotDirectoryException(text(names));
  }

  /// Gives a node a name that is free.
  void add(List<String> names, Node node) throws FileSystemException {
    folder(parent(names)).change(names.getLast(), node);
  }

  void delete(List<String> names) throws FileSystemException {
    if (get(names) instanceof Folder folder && !folder.now.isEmpty()) {
      throw new DirectoryNotEmptyException(text(names));
    }
    folder(parent(names)).change(names.getLast(), null);
  }

  /// In one step, in the place of what has the new name. Both are in the same folder.
  void rename(List<String> from, List<String> to) throws FileSystemException {
    if (!parent(from).equals(parent(to))) {
      throw new UnsupportedOperationException("a move to another folder");
    }
    Node moved = get(from);
    if (find(to) instanceof Folder replaced && !replaced.now.isEmpty()) {
      throw new DirectoryNotEmptyException(text(to));
    }
    Folder folder = folder(parent(from));
    folder.change(new Change(from.getLast(), to.getLast(), moved));
  }

  /// The power is gone, and with it what was not forced, or some of it.
  void cutPower(SplittableRandom random) {
    root.cutPower(random);
  }

  private static List<String> parent(List<String> names) {
    return names.subList(0, names.size() - 1);
  }

  private static String text(List<String> names) {
    return "/" + String.join("/", names);
  }

  /// A folder or a file, whatever its names: a file may have several.
  abstract static sealed class Node {
    private static final AtomicLong LAST = new AtomicLong();

    private final long number = LAST.incrementAndGet();

    /// As a file system's, which is that of no other node.
    long number() {
      return number;
    }

    abstract void force();

    abstract void cutPower(SplittableRandom random);
  }

  static final class Folder extends Node {
    private final TreeMap<String, Node> now = new TreeMap<>();
    private final TreeMap<String, Node> forced = new TreeMap<>();
    private final List<Change> pending = new ArrayList<>();

    List<String> names() {
      return List.copyOf(now.keySet());
    }

    private void change(String name, @Nullable Node node) {
      change(new Change(name, name, node));
    }

    private void change(Change change) {
      change.in(now);
      pending.add(change);
    }

    @Override
    void force() {
      pending.forEach(change -> change.in(forced));
      pending.clear();
    }

    @Override
    void cutPower(SplittableRandom random) {
      int kept = random.nextInt(pending.size() + 1);
      pending.subList(0, kept).forEach(change -> change.in(forced));
      pending.clear();
      now.clear();
      now.putAll(forced);
      now.values().forEach(node -> node.cutPower(random));
    }
  }

  /// A file's bytes.
  static final class Content extends Node {
    private static final byte[] NOTHING = new byte[0];

    private byte[] now = NOTHING;
    private byte[] forced = NOTHING;
    private int length;
    private boolean isForced = true;

    int length() {
      return length;
    }

    /// Bytes from a place in the file on, as many as there are and are asked for.
    byte[] read(long from, int most) {
      return from >= length
          ? NOTHING
          : Arrays.copyOfRange(now, (int) from, (int) Math.min(length, from + most));
    }

    /// Whether that needs another block.
    boolean grows(int newLength) {
      return blocks(newLength) > blocks(length);
    }

    void write(int at, byte[] bytes, int count) {
      int end = Math.max(length, at + count);
      if (end > now.length) {
        now = Arrays.copyOf(now, Math.max(end, 2 * now.length));
      }
      System.arraycopy(bytes, 0, now, at, count);
      length = end;
      isForced = false;
    }

    void empty() {
      now = NOTHING;
      length = 0;
      isForced = false;
    }

    @Override
    void force() {
      if (!isForced) {
        forced = Arrays.copyOf(now, length);
        isForced = true;
      }
    }

    @Override
    void cutPower(SplittableRandom random) {
      if (!isForced) {
        now = afterCut(random);
        length = now.length;
        force();
      }
    }

    private byte[] afterCut(SplittableRandom random) {
      int part = random.nextInt(length + 1);
      return switch (random.nextInt(5)) {
        case 0 -> forced;
        case 1 -> NOTHING;
        case 2 -> Arrays.copyOf(now, part);
        case 3 -> Arrays.copyOf(Arrays.copyOf(now, part), length);
        default -> Arrays.copyOf(now, length);
      };
    }

    private static int blocks(int bytes) {
      return (bytes + BLOCK_LENGTH - 1) / BLOCK_LENGTH;
    }
  }

  /// A name that goes, and one that comes, at the same time; the same for what is made or deleted.
  private record Change(String gone, String come, @Nullable Node node) {
    void in(TreeMap<String, Node> names) {
      names.remove(gone);
      if (node != null) {
        names.put(come, node);
      }
    }
  }
}
