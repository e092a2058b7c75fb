package org.holdfast.sim;

/// What to run.
///
/// @param seed of the first run; those that follow have the next numbers
/// @param count of runs at most
/// @param seconds after which no run begins; 0: no end
/// @param trace whether to print every event
record Options(long seed, long count, long seconds, boolean trace) {
  /// Throws [IllegalArgumentException] with a line that says what is wrong.
  static Options of(String[] words) {
    long seed = System.nanoTime() & 0xFFFFFFFFFFL;
    long count = -1;
    long seconds = 0;
    boolean trace = false;
    boolean hasSeed = false;
    for (int i = 0; i < words.length; i++) {
      switch (words[i]) {
        case "--seed" -> {
          seed = number(words, ++i);
          hasSeed = true;
        }
        case "--count" -> count = number(words, ++i);
        case "--seconds" -> seconds = number(words, ++i);
        case "--trace" -> trace = true;
        default ->
            throw new IllegalArgumentException(
                "there is no option " + words[i] + ": --seed N, --count N, --seconds N, --trace");
      }
    }
    if (count < 0) {
      count = hasSeed && seconds == 0 ? 1 : Long.MAX_VALUE;
    }
    return new Options(seed, count, seconds, trace);
  }

  private static long number(String[] words, int at) {
    if (at == words.length) {
      throw new IllegalArgumentException(words[at - 1] + " needs a number");
    }
    try {
      return Long.parseLong(words[at]);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(words[at - 1] + " needs a number, not " + words[at], e);
    }
  }
}
