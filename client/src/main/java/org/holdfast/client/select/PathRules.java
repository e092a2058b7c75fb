package org.holdfast.client.select;

import java.util.ArrayList;
import java.util.List;
import org.holdfast.core.RefusedException;

/// Patterns in the order in which they were given. The last one that matches an entry decides
/// whether it is left out; what none matches is taken. Immutable.
public final class PathRules {
  /// None: everything is taken.
  public static final PathRules NONE = new PathRules(List.of());

  private final List<Rule> rules;

  private PathRules(List<Rule> rules) {
    this.rules = List.copyOf(rules);
  }

  public boolean isEmpty() {
    return rules.isEmpty();
  }

  /// Whether the patterns leave an entry out.
  ///
  /// @param path from the root of the file system, with a leading slash or without
  public boolean leaveOut(byte[] path, boolean isFolder) {
    if (rules.isEmpty()) {
      return false;
    }
    List<int[]> names = Glob.names(path);
    for (Rule each : rules.reversed()) {
      if (each.glob.matches(names, isFolder)) {
        return each.leavesOut;
      }
    }
    return false;
  }

  private record Rule(Glob glob, boolean leavesOut) {}

  /// Collects patterns.
  public static final class Builder {
    private final List<Rule> rules = new ArrayList<>();

    /// Leaves out what matches; or, of a pattern with a `!` before it, takes it after all.
    public Builder exclude(byte[] pattern, boolean ignoresCase) throws RefusedException {
      if (pattern.length > 0 && pattern[0] == '!') {
        byte[] rest = new byte[pattern.length - 1];
        System.arraycopy(pattern, 1, rest, 0, rest.length);
        return include(rest, ignoresCase);
      }
      rules.add(new Rule(Glob.of(pattern, ignoresCase), true));
      return this;
    }

    /// Takes what matches, though a pattern before has left it out.
    public Builder include(byte[] pattern, boolean ignoresCase) throws RefusedException {
      rules.add(new Rule(Glob.of(pattern, ignoresCase), false));
      return this;
    }

    /// Each line of a file is a pattern. Empty lines, and those that begin with a `#`, are none;
    /// blanks and tabs at the end of a line do not count, unless a `\` is before them.
    public Builder excludeLines(byte[] file, boolean ignoresCase) throws RefusedException {
      int start = 0;
      for (int at = 0; at <= file.length; at++) {
        if (at == file.length || file[at] == '\n') {
          line(file, start, at, ignoresCase);
          start = at + 1;
        }
      }
      return this;
    }

    private void line(byte[] file, int start, int lineEnd, boolean ignoresCase)
        throws RefusedException {
      int end = lineEnd;
      while (end > start
          && (file[end - 1] == ' ' || file[end - 1] == '\t' || file[end - 1] == '\r')
          && (end - 1 == start || file[end - 2] != '\\')) {
        end--;
      }
      if (end == start || file[start] == '#') {
        return;
      }
      byte[] pattern = new byte[end - start];
      System.arraycopy(file, start, pattern, 0, pattern.length);
      exclude(pattern, ignoresCase);
    }

    public PathRules build() {
      return rules.isEmpty() ? NONE : new PathRules(rules);
    }
  }
}
