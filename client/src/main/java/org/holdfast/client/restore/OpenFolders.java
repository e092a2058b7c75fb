package org.holdfast.client.restore;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.function.Consumer;
import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.archive.Metadata;
import org.holdfast.client.restore.Window.FullFolder;
import org.holdfast.client.tree.FileAccessException;
import org.holdfast.client.tree.TreePath;
import org.holdfast.core.CorruptException;
import org.jspecify.annotations.Nullable;

/// The folders between the target and the entry that is being restored.
///
/// A folder that no entry tells of, since its page is lost, is created when something in it comes,
/// and stays as it was created.
final class OpenFolders {
  private final Destination destination;
  private final Consumer<FullFolder> full;
  private final Deque<Open> open = new ArrayDeque<>();
  private final Deque<Open> expected = new ArrayDeque<>();

  /// `full` takes the folders that are left, children before their folder.
  OpenFolders(Destination destination, Consumer<FullFolder> full) {
    this.destination = destination;
    this.full = full;
  }

  /// Leaves the folders that do not hold the target, and makes sure of all that do.
  void goTo(ArchivePath path, byte[] target) throws FileAccessException {
    byte[] parent = TreePath.parent(target);
    leave(parent);
    byte[] deepest = open.isEmpty() ? TreePath.root() : open.peek().target;
    if (deepest.length < parent.length) {
      int end = deepest.length == 0 ? 0 : deepest.length + 1;
      while (end < parent.length) {
        end = nextSlash(parent, end);
        makeWay(path, Arrays.copyOf(parent, end));
        end++;
      }
    }
  }

  /// Notes a folder that an entry tells of, and that is created only when something in it comes.
  void expect(ArchivePath path, byte[] target, Metadata metadata) {
    while (!expected.isEmpty() && !TreePath.isWithin(target, expected.peek().target)) {
      expected.pop();
    }
    expected.push(new Open(path, target, metadata));
  }

  /// Creates a folder that an entry tells of, below where [#goTo] went.
  void enter(ArchivePath path, byte[] target, Metadata metadata) throws FileAccessException {
    boolean created =
        destination.attemptFolder(path, target, () -> destination.tree().createFolder(target));
    open.push(new Open(path, target, created ? metadata : null));
    if (created) {
      destination.tally().addFolder();
    }
  }

  /// Leaves all folders.
  void leaveAll() {
    while (!open.isEmpty()) {
      pop();
    }
  }

  private void leave(byte[] parent) {
    while (!open.isEmpty() && !TreePath.isWithin(parent, open.peek().target)) {
      pop();
    }
  }

  private void pop() {
    Open folder = open.pop();
    Metadata metadata = folder.metadata;
    if (metadata != null) {
      full.accept(new FullFolder(folder.path, folder.target, metadata));
    }
  }

  private void makeWay(ArchivePath path, byte[] target) throws FileAccessException {
    for (Open each : expected) {
      Metadata metadata = each.metadata;
      if (metadata != null && Arrays.equals(each.target, target)) {
        enter(each.path, target, metadata);
        return;
      }
    }
    imply(path, target);
  }

  /// If this fails, so does what goes into the folder, and that is reported.
  private void imply(ArchivePath path, byte[] target) throws FileAccessException {
    try {
      destination.tree().createFolder(target);
    } catch (FileAccessException e) {
      if (Destination.isHopeless(e, target)) {
        throw e;
      }
    } catch (CorruptException e) {
      // As above.
    }
    open.push(new Open(path, target, null));
  }

  private static int nextSlash(byte[] path, int from) {
    int at = from;
    while (at < path.length && path[at] != '/') {
      at++;
    }
    return at;
  }

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Open(ArchivePath path, byte[] target, @Nullable Metadata metadata) {}
}
