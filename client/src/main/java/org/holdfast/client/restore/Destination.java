package org.holdfast.client.restore;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.archive.Attributes;
import org.holdfast.client.tree.ExtendedAttribute;
import org.holdfast.client.tree.FileAccessException;
import org.holdfast.client.tree.Metadata;
import org.holdfast.client.tree.TargetTree;
import org.holdfast.client.tree.Timestamp;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.jspecify.annotations.Nullable;

/// Where entries go, and what is common to writing all of them. Any thread.
///
/// @param overwrite what becomes of what is there already
/// @param owners whose the entries are to be
/// @param unfinished files that are open; safe for several threads
record Destination(
    TargetTree tree,
    Overwrite overwrite,
    Owners owners,
    Tally tally,
    Set<RestoredFile> unfinished) {
  /// Errors that every further entry would meet too.
  private static final Set<String> HOPELESS =
      Set.of("ENOSPC", "EDQUOT", "EROFS", "EIO", "EMFILE", "ENFILE", "ENOMEM");

  /// `S_ISUID` and `S_ISGID`.
  private static final int OWNERS_RIGHTS = 06000;

  /// Does something for one entry. What fails for this entry alone is counted and returns false;
  /// what fails for all is thrown.
  boolean attempt(ArchivePath path, byte[] target, Step step) throws FileAccessException {
    String reason = reason(target, step);
    if (reason != null) {
      tally.fail(path, reason);
    }
    return reason == null;
  }

  /// As [#attempt], for making a folder: without it nothing below it can be restored either.
  boolean attemptFolder(ArchivePath path, byte[] target, Step step) throws FileAccessException {
    String reason = reason(target, step);
    if (reason != null) {
      tally.failFolder(path, reason);
    }
    return reason == null;
  }

  /// Why a step failed for this entry; null if it did not.
  private static @Nullable String reason(byte[] target, Step step) throws FileAccessException {
    try {
      step.run();
      return null;
    } catch (FileAccessException e) {
      if (isHopeless(e, target)) {
        throw e;
      }
      return e.getMessage() == null ? "it cannot be written" : e.getMessage();
    } catch (CorruptException e) {
      return e.getMessage();
    }
  }

  /// Creates something, if that is to be also instead of what is there, unless that is a folder.
  void create(byte[] target, Step step) throws FileAccessException, CorruptException {
    try {
      step.run();
    } catch (FileAccessException e) {
      if (overwrite == Overwrite.REFUSE || !e.errnoName().equals("EEXIST")) {
        throw e;
      }
      tree.remove(target);
      step.run();
    }
  }

  /// The metadata to set. Owners go by name if the name is known here, as numbers differ from
  /// machine to machine.
  Metadata metadata(org.holdfast.client.archive.Metadata kept) {
    Timestamp time = new Timestamp(kept.mtimeSeconds(), kept.mtimeNanos());
    if (owners == Owners.NONE) {
      return new Metadata(
          kept.mode() & ~OWNERS_RIGHTS,
          Metadata.NO_OWNER,
          Metadata.NO_OWNER,
          time,
          attributes(kept.attributes()));
    }
    OptionalLong user = isByNumber(kept.userName()) ? OptionalLong.empty() : user(kept);
    OptionalLong group = isByNumber(kept.groupName()) ? OptionalLong.empty() : group(kept);
    return new Metadata(
        kept.mode(),
        user.orElse(Integer.toUnsignedLong(kept.userId())),
        group.orElse(Integer.toUnsignedLong(kept.groupId())),
        time,
        attributes(kept.attributes()));
  }

  /// Whether no entry can be created at all, as the error for one says: no space, or no right to
  /// write into the target itself.
  static boolean isHopeless(FileAccessException e, byte[] target) {
    return HOPELESS.contains(e.errnoName())
        || (e.errnoName().equals("EACCES") && isTopLevel(target));
  }

  private static boolean isTopLevel(byte[] target) {
    for (byte unit : target) {
      if (unit == '/') {
        return false;
      }
    }
    return true;
  }

  private boolean isByNumber(Bytes name) {
    return owners == Owners.BY_NUMBER || name.length() == 0;
  }

  private OptionalLong user(org.holdfast.client.archive.Metadata kept) {
    return tree.userNumber(kept.userName().toArray());
  }

  private OptionalLong group(org.holdfast.client.archive.Metadata kept) {
    return tree.groupNumber(kept.groupName().toArray());
  }

  private static List<ExtendedAttribute> attributes(Attributes kept) {
    List<ExtendedAttribute> attributes = new ArrayList<>(kept.list().size());
    for (Attributes.Attribute each : kept.list()) {
      attributes.add(new ExtendedAttribute(each.name(), each.value()));
    }
    return attributes;
  }

  /// Something that is done to the target.
  interface Step {
    void run() throws FileAccessException, CorruptException;
  }
}
