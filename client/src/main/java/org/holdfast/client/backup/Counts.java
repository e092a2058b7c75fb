package org.holdfast.client.backup;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.archive.RootContent;
import org.holdfast.client.archive.RootContent.Unreadable;
import org.holdfast.core.BlockName;

/// What a backup has met. One thread.
final class Counts {
  private final List<Unreadable> named = new ArrayList<>();
  private long files;
  private long folders;
  private long others;
  private long bytes;
  private long unchangedFiles;
  private long changedWhileRead;
  private long sockets;
  private final List<ArchivePath> ownFolders = new ArrayList<>();
  private long mounts;
  private long synthetic;
  private long excluded;
  private long unreadable;

  void file(long size, boolean unchanged, boolean changed) {
    files++;
    bytes += size;
    unchangedFiles += unchanged ? 1 : 0;
    changedWhileRead += changed ? 1 : 0;
  }

  void folder() {
    folders++;
  }

  void other() {
    others++;
  }

  void socket() {
    sockets++;
  }

  /// What a folder of Holdfast's own holds is left out.
  void ownFolder(ArchivePath path) {
    ownFolders.add(path);
  }

  /// What another file system holds is left out.
  void mount() {
    mounts++;
  }

  /// What the kernel makes up is left out.
  void synthetic() {
    synthetic++;
  }

  /// Left out as somebody has said so; what is in a folder is not counted.
  void excluded() {
    excluded++;
  }

  void unreadable(ArchivePath path, String reason) {
    unreadable++;
    if (named.size() < RootContent.NAMED_MAX) {
      named.add(new Unreadable(path, reason.substring(0, Math.min(reason.length(), 250))));
    }
  }

  long unreadable() {
    return unreadable;
  }

  List<Unreadable> named() {
    return named;
  }

  /// What a walk has found that nothing was read of.
  Survey.Result survey() {
    return new Survey.Result(
        files,
        folders,
        others,
        bytes,
        sockets,
        mounts,
        synthetic,
        excluded,
        ownFolders,
        unreadable,
        named);
  }

  BackupSummary summary(
      BlockName root,
      long sequence,
      String name,
      Backup.Stored stored,
      Backup.Mended mended,
      boolean resumed,
      Optional<String> deletedElsewhere,
      long millis) {
    return new BackupSummary(
        root,
        sequence,
        name,
        files,
        folders,
        others,
        bytes,
        stored.bytes(),
        stored.blocks(),
        mended.blocks(),
        mended.left(),
        unchangedFiles,
        changedWhileRead,
        sockets,
        mounts,
        synthetic,
        excluded,
        ownFolders,
        unreadable,
        named,
        resumed,
        deletedElsewhere,
        millis);
  }
}
