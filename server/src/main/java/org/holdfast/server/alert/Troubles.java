package org.holdfast.server.alert;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// What is wrong, by a server's figures (`docs/operations.md`, "Watching"): a line for each kind of
/// trouble, by the figure that shows it.
final class Troubles {
  /// Says why there are no figures of now.
  static final String UNKNOWN = "figures";

  private static final String GIVEN_UP = "bucket_given_up";
  private static final String UNUSUAL = "bucket_unusual_";
  private static final String IN_A_ROW = "_failures_in_a_row";

  /// A job that fails so often in a row does not only wait for a store that is away for a moment.
  private static final long FAILURES = 3;

  private Troubles() {}

  /// Whether the trouble happens and does not last.
  static boolean isEvent(String kind) {
    return kind.equals(GIVEN_UP);
  }

  /// `before` are the figures of the last look: what has only happened is a trouble if it has
  /// happened since.
  static SortedMap<String, String> of(Map<String, String> now, Map<String, String> before) {
    SortedMap<String, String> found = new TreeMap<>();
    if (now.containsKey(UNKNOWN)) {
      found.put(UNKNOWN, "the server cannot tell how it is: " + now.get(UNKNOWN));
    }
    String obstacle = now.get("obstacle");
    if (obstacle != null) {
      found.put(
          "backups",
          obstacle.startsWith("backups ") ? obstacle : "backups are not taken: " + obstacle);
    }
    if (number(now, "damaged_objects") > 0) {
      found.put(
          "damaged_objects",
          now.get("damaged_objects") + " objects of the log are lost or damaged");
    }
    // After each start none ends for a while, too.
    if (number(now, "deletions_held_seconds") > 0 && number(now, "clock_jump_seconds") != 0) {
      found.put(
          "deletions_held",
          "the clock has jumped by "
              + now.get("clock_jump_seconds")
              + " s: no deletion ends for "
              + now.get("deletions_held_seconds")
              + " s");
    }
    String disk = now.getOrDefault("disk", "enough");
    if (!disk.equals("enough")) {
      found.put("disk", "free space is " + disk + ": " + now.get("disk_free_bytes") + " bytes");
    }
    if (now.containsKey("defect_report")) {
      found.put(
          "defect_report", "something happened that should never: " + now.get("defect_report"));
    }
    long givenUp = number(now, GIVEN_UP) - number(before, GIVEN_UP);
    if (givenUp > 0) {
      found.put(GIVEN_UP, givenUp + " calls to the bucket failed for all their attempts");
    }
    now.forEach((name, value) -> add(name, value, found));
    return found;
  }

  private static void add(String name, String value, SortedMap<String, String> found) {
    if (name.startsWith(UNUSUAL)) {
      found.put(
          name,
          "the bucket answers with unusually many failures of the kind "
              + name.substring(UNUSUAL.length(), name.length() - "_ppm".length())
              + ": "
              + value
              + " in a million requests");
    }
    if (name.endsWith(IN_A_ROW) && Long.parseLong(value) >= FAILURES) {
      String job = name.substring(0, name.length() - IN_A_ROW.length());
      found.put(name, job + " has failed " + value + " times in a row, and begins again each time");
    }
  }

  private static long number(Map<String, String> figures, String name) {
    return Long.parseLong(figures.getOrDefault(name, "0"));
  }
}
