package org.holdfast.sim;

import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What to run.
///
/// @param first scenario; those that follow have the next seeds
/// @param count of runs at most
/// @param seconds after which no run begins; 0: no end
/// @param processes that share the work
/// @param trace whether to print every event
/// @param shrink whether to look for what of a run breaks the promise
/// @param keepGoing whether to go on after a promise was broken
record Options(
    Scenario first,
    long count,
    long seconds,
    int processes,
    boolean trace,
    boolean shrink,
    boolean keepGoing) {
  static final String USAGE =
      "--seed N, --count N, --seconds N, --processes N, --size small|large, --without KIND,..,"
          + " --only FAULT,.., --trace, --shrink, --keep-going";

  private static final int PROCESSES_MAX = 64;

  /// Throws [IllegalArgumentException] with a line that says what is wrong.
  static Options of(String[] words) {
    long seed = System.nanoTime() & 0xFFFFFFFFFFL;
    long count = -1;
    long seconds = 0;
    long processes = 1;
    @Nullable Size size = null;
    Set<String> without = Set.of();
    @Nullable Set<String> only = null;
    boolean trace = false;
    boolean shrink = false;
    boolean keepGoing = false;
    boolean hasSeed = false;
    for (int i = 0; i < words.length; i++) {
      switch (words[i]) {
        case "--seed" -> {
          seed = number(words, ++i);
          hasSeed = true;
        }
        case "--count" -> count = number(words, ++i);
        case "--seconds" -> seconds = number(words, ++i);
        case "--processes" -> processes = number(words, ++i);
        case "--size" -> size = Size.of(word(words, ++i));
        case "--without" -> without = names(word(words, ++i));
        case "--only" -> only = names(word(words, ++i));
        case "--trace" -> trace = true;
        case "--shrink" -> shrink = true;
        case "--keep-going" -> keepGoing = true;
        default -> throw new IllegalArgumentException("no option " + words[i] + ": " + USAGE);
      }
    }
    if (count < 0) {
      count = hasSeed && seconds == 0 ? 1 : Long.MAX_VALUE;
    }
    if (processes < 1 || processes > PROCESSES_MAX) {
      throw new IllegalArgumentException("--processes is from 1 to " + PROCESSES_MAX);
    }
    Scenario first = new Scenario(seed, size, without, only);
    return new Options(first, count, seconds, (int) processes, trace, shrink, keepGoing);
  }

  private static String word(String[] words, int at) {
    if (at == words.length) {
      throw new IllegalArgumentException(words[at - 1] + " needs a word");
    }
    return words[at];
  }

  private static Set<String> names(String list) {
    return list.equals("none") ? Set.of() : new TreeSet<>(Set.of(list.split(",")));
  }

  private static long number(String[] words, int at) {
    String text = word(words, at);
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(words[at - 1] + " needs a number, not " + text, e);
    }
  }
}
