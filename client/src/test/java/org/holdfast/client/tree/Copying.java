package org.holdfast.client.tree;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.holdfast.client.tree.TreeWalk.Failed;
import org.holdfast.client.tree.TreeWalk.Found;
import org.holdfast.client.tree.TreeWalk.Step;
import org.holdfast.core.Bytes;

/// Copies a tree to a target through the two interfaces alone, as a backup and a restore would.
final class Copying {
  private final SourceTree source;
  private final TargetTree target;
  private final HardLinks links = new HardLinks();
  private final Deque<Found> openFolders = new ArrayDeque<>();
  private final Set<Shortfall> shortfalls = EnumSet.noneOf(Shortfall.class);
  private final List<FileAccessException> failures = new ArrayList<>();
  private final byte[] buffer = new byte[100_000];

  Copying(SourceTree source, TargetTree target) {
    this.source = source;
    this.target = target;
  }

  Set<Shortfall> run() throws Exception {
    try (TreeWalk walk = source.walk()) {
      for (Step step = walk.next(); step != null; step = walk.next()) {
        switch (step) {
          case Failed failed -> failures.add(failed.reason());
          case Found found -> copy(found);
        }
      }
    }
    while (!openFolders.isEmpty()) {
      finish(openFolders.pop());
    }
    return shortfalls;
  }

  List<FileAccessException> failures() {
    return failures;
  }

  private void copy(Found found) throws Exception {
    byte[] path = found.path();
    while (!openFolders.isEmpty() && !TreePath.isWithin(path, openFolders.peek().path())) {
      finish(openFolders.pop());
    }
    Bytes first = links.firstPath(path, found.status());
    if (!first.equals(Bytes.copyOf(path))) {
      target.createHardLink(path, first.toArray());
      return;
    }
    FileStatus status = found.status();
    switch (status.type()) {
      case FOLDER -> {
        if (path.length > 0) {
          target.createFolder(path);
        }
        openFolders.push(found);
      }
      case REGULAR -> copyFile(path, status);
      case SYMLINK -> {
        target.createSymlink(path, source.symlinkTarget(path));
        finish(found);
      }
      case FIFO, SOCKET, CHAR_DEVICE, BLOCK_DEVICE -> {
        Set<Shortfall> shortfall =
            target.createSpecial(path, status.type(), status.rdevMajor(), status.rdevMinor());
        shortfalls.addAll(shortfall);
        if (shortfall.isEmpty()) {
          finish(found);
        }
      }
    }
  }

  private void copyFile(byte[] path, FileStatus status) throws Exception {
    try (SourceFile from = source.open(path, status);
        TargetFile to = target.createFile(path)) {
      long position = 0;
      while (true) {
        position += from.skipHole();
        int read = from.read(buffer, 0, buffer.length);
        if (read < 0) {
          break;
        }
        to.write(position, buffer, 0, read);
        position += read;
      }
      to.truncate(position);
      shortfalls.addAll(to.finish(Metadata.of(status, source.attributes(path))));
    }
  }

  private void finish(Found found) throws Exception {
    Metadata metadata = Metadata.of(found.status(), source.attributes(found.path()));
    shortfalls.addAll(target.finish(found.path(), found.status().type(), metadata));
  }
}
