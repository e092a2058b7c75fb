package org.holdfast.client.tidy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Archives that came in a crowd, and push others out of a policy that counts.
///
/// Whoever holds a write key can make archives until `--keep-last 7` keeps none but theirs. So it
/// is looked at what came within a day of a group's newest archive: a crowd is more than
/// [#TIMES_USUAL] times what came on the group's busiest day before, and [#MORE] more. It matters
/// if without it (but for the newest) the policy would keep more than one archive that it drops
/// now: one goes with every backup. Who adds a few a day is not found.
///
/// Pure.
///
/// @param group for a person
/// @param archives how many came
/// @param pushedOut what would be kept without them, the newest last
public record Crowd(String group, int archives, List<TidyArchive> pushedOut) {
  private static final long DAY_MILLIS = 24L * 3_600_000;
  private static final int TIMES_USUAL = 3;
  private static final int MORE = 3;

  public Crowd {
    pushedOut = List.copyOf(pushedOut);
  }

  /// The first group's that matters.
  public static Optional<Crowd> find(RetentionPolicy policy, List<TidyArchive> archives) {
    Map<String, List<TidyArchive>> groups =
        archives.stream()
            .filter(each -> !each.partial())
            .sorted(Comparator.comparingLong(TidyArchive::committedMillis))
            .collect(Collectors.groupingBy(policy::group, LinkedHashMap::new, Collectors.toList()));
    Set<TidyArchive> kept = kept(policy, archives);
    for (Map.Entry<String, List<TidyArchive>> each : groups.entrySet()) {
      List<TidyArchive> crowd = crowd(each.getValue());
      if (!crowd.isEmpty()) {
        List<TidyArchive> without = new ArrayList<>(each.getValue());
        without.removeAll(crowd.subList(0, crowd.size() - 1));
        List<TidyArchive> pushedOut =
            without.stream()
                .filter(kept(policy, without)::contains)
                .filter(archive -> !kept.contains(archive))
                .toList();
        if (pushedOut.size() > 1) {
          return Optional.of(new Crowd(each.getKey(), crowd.size(), pushedOut));
        }
      }
    }
    return Optional.empty();
  }

  /// What came within a day of the newest, if that is a crowd; oldest first, as what is given.
  private static List<TidyArchive> crowd(List<TidyArchive> group) {
    long fromMillis = group.getLast().committedMillis() - DAY_MILLIS;
    int first = 0;
    while (group.get(first).committedMillis() <= fromMillis) {
      first++;
    }
    int usual = busiestDay(group.subList(0, first));
    return group.size() - first > TIMES_USUAL * usual + MORE
        ? group.subList(first, group.size())
        : List.of();
  }

  private static int busiestDay(List<TidyArchive> oldestFirst) {
    int most = 0;
    int from = 0;
    for (int to = 0; to < oldestFirst.size(); to++) {
      long dayBefore = oldestFirst.get(to).committedMillis() - DAY_MILLIS;
      while (oldestFirst.get(from).committedMillis() <= dayBefore) {
        from++;
      }
      most = Math.max(most, to - from + 1);
    }
    return most;
  }

  private static Set<TidyArchive> kept(RetentionPolicy policy, List<TidyArchive> archives) {
    Set<TidyArchive> kept = new HashSet<>();
    policy.judge(archives).stream()
        .filter(RetentionPolicy.Judged::isKept)
        .forEach(each -> kept.add(each.archive()));
    return kept;
  }
}
