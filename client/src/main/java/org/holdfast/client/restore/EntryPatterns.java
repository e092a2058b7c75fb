package org.holdfast.client.restore;

import java.util.List;
import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.select.Glob;
import org.holdfast.client.select.PathRules;

/// Which entries are wanted, by patterns of their paths in the archive. Immutable.
///
/// @param wanted if there are any, only what one of them matches, with all that is in it
/// @param rules what they leave out is not wanted, nor anything in it
public record EntryPatterns(List<Glob> wanted, PathRules rules) {
  /// Everything.
  public static final EntryPatterns ALL = new EntryPatterns(List.of(), PathRules.NONE);

  public EntryPatterns {
    wanted = List.copyOf(wanted);
  }

  /// Whether nothing is left out.
  public boolean isAll() {
    return wanted.isEmpty() && rules.isEmpty();
  }

  /// What becomes of an entry.
  ///
  /// @param isWanted it is restored for its own sake
  /// @param isLeftOut it is not restored, nor is anything in it
  record Verdict(boolean isWanted, boolean isLeftOut) {
    private static final Verdict LEFT_OUT = new Verdict(false, true);
  }

  /// Judges entries in the order of the archive, in which neighbours have their folders in common.
  /// One thread.
  static final class Judge {
    private final EntryPatterns patterns;
    private final Verdict root;
    private ArchivePath folder = ArchivePath.ROOT;
    private Verdict ofFolder;

    Judge(EntryPatterns patterns) {
      this.patterns = patterns;
      this.root = new Verdict(patterns.wanted.isEmpty(), false);
      this.ofFolder = root;
    }

    Verdict of(ArchivePath path, boolean isFolder) {
      if (patterns.isAll() || path.isRoot()) {
        return root;
      }
      ArchivePath parent = path.parent();
      if (!parent.equals(folder)) {
        ofFolder = of(parent, true);
        folder = parent;
      }
      byte[] bytes = path.toArray();
      if (ofFolder.isLeftOut || patterns.rules.leaveOut(bytes, isFolder)) {
        return Verdict.LEFT_OUT;
      }
      boolean isWanted =
          ofFolder.isWanted
              || patterns.wanted.stream().anyMatch(each -> each.matches(bytes, isFolder));
      return new Verdict(isWanted, false);
    }
  }
}
