package org.holdfast.client.backup;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.archive.RootContent;
import org.holdfast.client.select.Exclusions;
import org.holdfast.core.Bytes;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;

/// What a backup takes in: paths of which none lies below another, and what is left out below them.
///
/// @param roots at least one
/// @param ownFolders of Holdfast: what is in them changes with each backup, and is left out
/// @param exclusions what else is left out below the roots
public record BackupScope(
    SortedSet<ArchivePath> roots, List<ArchivePath> ownFolders, Exclusions exclusions) {
  public BackupScope {
    roots = Collections.unmodifiableSortedSet(new TreeSet<>(roots));
    ownFolders = List.copyOf(ownFolders);
  }

  /// What is below these absolute paths.
  public static BackupScope of(
      List<byte[]> absolute, List<byte[]> ownFolders, Exclusions exclusions)
      throws HoldfastException {
    TreeSet<ArchivePath> all = new TreeSet<>();
    for (byte[] path : absolute) {
      all.add(path(path));
    }
    TreeSet<ArchivePath> roots = new TreeSet<>();
    for (ArchivePath path : all) {
      if (roots.isEmpty() || !roots.last().contains(path)) {
        roots.add(path);
      }
    }
    if (roots.isEmpty() || roots.size() > RootContent.PATHS_MAX) {
      throw new RefusedException(
          "a backup takes 1 to %d paths, and these are %d: name the folders above them"
              .formatted(RootContent.PATHS_MAX, roots.size()));
    }
    TreeSet<ArchivePath> own = new TreeSet<>();
    for (byte[] path : ownFolders) {
      own.add(path(path));
    }
    return new BackupScope(roots, List.copyOf(own), exclusions);
  }

  /// Names the set of roots: SHA-256 over each of them and a NUL.
  Bytes digest() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (ArchivePath root : roots) {
        digest.update(root.toArray());
        digest.update((byte) 0);
      }
      return Bytes.wrap(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /// An archive's path as the system knows it.
  static byte[] absolute(ArchivePath path) {
    byte[] below = path.toArray();
    byte[] absolute = new byte[below.length + 1];
    absolute[0] = '/';
    System.arraycopy(below, 0, absolute, 1, below.length);
    return absolute;
  }

  private static ArchivePath path(byte[] absolute) throws HoldfastException {
    if (absolute.length == 0 || absolute[0] != '/') {
      throw new RefusedException(
          "a path to back up is absolute by now: " + new String(absolute, StandardCharsets.UTF_8));
    }
    return ArchivePath.of(Arrays.copyOfRange(absolute, 1, absolute.length));
  }
}
