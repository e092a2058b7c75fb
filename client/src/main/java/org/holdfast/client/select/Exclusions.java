package org.holdfast.client.select;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.holdfast.client.tree.Timestamp;

/// What is left out below the paths that were asked for; the paths themselves are always taken.
///
/// @param largerThan bytes; regular files of more are left out
/// @param newerThan a time; what is no folder, and has neither changed nor had its status changed
///   since, is left out
/// @param noDump whether to leave out what has the flag `d` of `chattr`
/// @param oneFileSystem whether folders on which another file system is mounted stay empty
/// @param synthetic devices of file systems that the kernel makes up: folders on which one of them
///   is mounted stay empty
public record Exclusions(
    PathRules rules,
    List<FolderMark> marks,
    OptionalLong largerThan,
    Optional<Timestamp> newerThan,
    boolean noDump,
    boolean oneFileSystem,
    Set<Long> synthetic) {
  /// Nothing is left out.
  public static final Exclusions NONE =
      new Exclusions(
          PathRules.NONE,
          List.of(),
          OptionalLong.empty(),
          Optional.empty(),
          false,
          false,
          Set.of());

  public Exclusions {
    marks = List.copyOf(marks);
    synthetic = Set.copyOf(synthetic);
  }

  /// The same, and folders on which another file system is mounted stay empty.
  public Exclusions inOneFileSystem() {
    return new Exclusions(rules, marks, largerThan, newerThan, noDump, true, synthetic);
  }
}
