package org.holdfast.server.alert;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.holdfast.server.alert.Trouble.Course;

/// What is wrong, by a server's figures (`docs/operations.md`, "Watching"): each kind of trouble by
/// the figure that shows it.
final class Troubles {
  /// Says why there are no figures of now.
  static final String UNKNOWN = "figures";

  private static final String GIVEN_UP = "bucket_given_up";
  private static final String UNUSUAL = "bucket_unusual_";
  private static final String FAILURES = "_failures";

  /// A job that fails so often in a row does not only wait for a store that is away for a moment.
  private static final long IN_A_ROW = 3;

  /// One that comes to its end now and then: so often of late, and of so many attempts one.
  private static final long OF_LATE = 4;

  private static final long ONE_OF = 4;

  /// So many times the period without a good drill: one may be cut short.
  private static final long DRILL_PERIODS = 3;

  private Troubles() {}

  /// `before` are the figures of the last look: what has only happened is a trouble if it has
  /// happened since.
  static SortedMap<String, Trouble> of(Map<String, String> now, Map<String, String> before) {
    SortedMap<String, Trouble> found = new TreeMap<>();
    if (now.containsKey(UNKNOWN)) {
      found.put(UNKNOWN, Trouble.of("the server cannot tell how it is: " + now.get(UNKNOWN)));
    }
    String obstacle = now.get("obstacle");
    // A standby takes none, as it should be.
    boolean isStandby = now.getOrDefault("role", "").equals("standby");
    if (obstacle != null && !isStandby) {
      found.put(
          "backups",
          Trouble.of(
              obstacle.startsWith("backups ") ? obstacle : "backups are not taken: " + obstacle));
    }
    addPair(now, isStandby, found);
    addDamage(now, found);
    addDrills(now, found);
    // After each start none ends for a while, too.
    if (number(now, "deletions_held_seconds") > 0 && number(now, "clock_jump_seconds") != 0) {
      found.put(
          "deletions_held",
          Trouble.of(
              "the clock has jumped by "
                  + now.get("clock_jump_seconds")
                  + " s: no deletion ends for "
                  + now.get("deletions_held_seconds")
                  + " s"));
    }
    String disk = now.getOrDefault("disk", "enough");
    if (!disk.equals("enough")) {
      found.put(
          "disk",
          Trouble.of("free space is " + disk + ": " + now.get("disk_free_bytes") + " bytes"));
    }
    if (now.containsKey("defect_report")) {
      found.put(
          "defect_report",
          Trouble.of("something happened that should never: " + now.get("defect_report")));
    }
    long givenUp = number(now, GIVEN_UP) - number(before, GIVEN_UP);
    if (givenUp > 0) {
      String line = givenUp + " calls to the bucket failed for all their attempts";
      found.put(GIVEN_UP, new Trouble(line, Course.EVENT, 0));
    }
    for (String name : now.keySet()) {
      if (name.startsWith(UNUSUAL)) {
        addUnusual(now, name, found);
      } else if (name.endsWith(FAILURES)) {
        addJob(now, name, found);
      }
    }
    return found;
  }

  /// An object of which all was sent again stays damaged, and nobody needs to do anything.
  private static void addDamage(Map<String, String> now, SortedMap<String, Trouble> found) {
    long objects = number(now, "damaged_objects");
    if (objects > 0) {
      String line = "lost or damaged objects of the log: " + objects;
      found.put("damaged_objects", new Trouble(line, Course.STANDING, objects));
    }
    long blocks = number(now, "lost_blocks");
    if (blocks > 0) {
      String line = "blocks that cannot be restored, as objects are damaged: " + blocks;
      found.put("lost_blocks", new Trouble(line, Course.REPEATED, blocks));
    }
  }

  private static void addPair(
      Map<String, String> now, boolean isStandby, SortedMap<String, Trouble> found) {
    if (isStandby && now.containsKey("standby_trouble")) {
      String line = "this standby does not follow the log: " + now.get("standby_trouble");
      found.put("standby", Trouble.of(line));
    }
    if (now.getOrDefault("partner_state", "").equals("silent")) {
      found.put("partner", Trouble.of("nothing is heard of the partner " + now.get("partner")));
    }
  }

  private static void addDrills(Map<String, String> now, SortedMap<String, Trouble> found) {
    String why = now.get("drill_why");
    if (why != null) {
      String line = "a drill has FAILED (" + now.get("drill_result") + "): " + why;
      found.put("drill_result", Trouble.of(line));
    }
    long seconds = number(now, "drill_no_good_seconds");
    if (seconds > DRILL_PERIODS * number(now, "drill_period_seconds")) {
      String line = "no drill has come to a good end for " + seconds / 86_400 + " days";
      found.put("drill_overdue", Trouble.of(line));
    }
  }

  private static void addUnusual(
      Map<String, String> now, String name, SortedMap<String, Trouble> found) {
    String kind = name.substring(UNUSUAL.length(), name.length() - "_ppm".length());
    found.put(
        name,
        Trouble.of(
            "the bucket answers with unusually many failures of the kind "
                + kind
                + ": "
                + now.get(name)
                + " in a million requests"));
  }

  private static void addJob(
      Map<String, String> now, String name, SortedMap<String, Trouble> found) {
    String job = name.substring(0, name.length() - FAILURES.length());
    long inARow = number(now, name + "_in_a_row");
    long failures = number(now, name + "_of_late");
    long attempts = failures + number(now, job + "_rounds_of_late");
    if (inARow >= IN_A_ROW) {
      found.put(
          name,
          Trouble.of(
              job + " has failed " + inARow + " times in a row, and begins again each time"));
    } else if (failures >= OF_LATE && failures * ONE_OF >= attempts) {
      found.put(
          name, Trouble.of(job + " has failed " + failures + " of " + attempts + " times of late"));
    }
  }

  private static long number(Map<String, String> figures, String name) {
    return Long.parseLong(figures.getOrDefault(name, "0"));
  }
}
