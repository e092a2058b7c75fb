package org.holdfast.client.tidy;

import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.time.temporal.IsoFields;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.holdfast.core.RefusedException;
import org.jspecify.annotations.Nullable;

/// Which archives to keep, and why.
///
/// - Archives are judged group by group: those of one retention tag, or all.
/// - Time is the server's time of commit, never one that a client says; days and weeks begin as in
///   `zone`.
/// - Of each of the newest N hours, days, ISO weeks, months and years that have an archive, the
///   newest archive is kept. Periods without one do not count, so that nothing is lost by a machine
///   that is off. An archive that any rule keeps is kept.
/// - `within` counts back from the group's newest whole archive, not from today, for the same
///   reason.
/// - A partial archive stands for nothing: no rule counts it. It is kept until a later whole
///   archive of its group is kept.
///
/// Pure: what it keeps depends on the archives alone. Judging what it has kept removes nothing
/// more.
///
/// @param keep how many of each rule's; [#ALL] for all of them
/// @param within how far back everything is kept; null if that is not asked for
/// @param tags archives with one of these retention tags are kept
/// @param byTag whether each retention tag is a group
public record RetentionPolicy(
    Map<Rule, Integer> keep,
    @Nullable TimeSpan within,
    Set<String> tags,
    boolean byTag,
    ZoneId zone) {
  /// Without a limit.
  public static final int ALL = Integer.MAX_VALUE;

  private static final Comparator<TidyArchive> NEWEST_FIRST =
      Comparator.comparingLong(TidyArchive::committedMillis)
          .thenComparingLong(TidyArchive::sequence)
          .reversed();

  public RetentionPolicy {
    keep = Map.copyOf(keep);
    tags = Set.copyOf(tags);
  }

  /// Throws [RefusedException] for a policy that would keep nothing.
  public void check() throws RefusedException {
    if (keep.isEmpty() && within == null && tags.isEmpty()) {
      throw new RefusedException(
          "nothing says what to keep, and without that everything would go: give --keep-last,"
              + " --keep-daily or another --keep");
    }
    for (Map.Entry<Rule, Integer> each : keep.entrySet()) {
      if (each.getValue() < 1) {
        throw new RefusedException(
            "--keep-" + each.getKey().text() + " is at least 1, or all: leave it out otherwise");
      }
    }
  }

  /// Judges each archive, in the order given.
  public List<Judged> judge(List<TidyArchive> archives) {
    Map<String, List<TidyArchive>> groups = new LinkedHashMap<>();
    for (TidyArchive each : archives) {
      groups.computeIfAbsent(byTag ? each.tag() : "", _ -> new ArrayList<>()).add(each);
    }
    Map<TidyArchive, List<String>> reasons = new HashMap<>();
    groups.values().forEach(group -> judgeGroup(group, reasons));
    return archives.stream()
        .map(each -> new Judged(each, reasons.getOrDefault(each, List.of())))
        .toList();
  }

  /// The group that an archive belongs to, for a person.
  public String group(TidyArchive archive) {
    return byTag ? "tag \"" + archive.tag() + "\"" : "all archives";
  }

  private void judgeGroup(List<TidyArchive> group, Map<TidyArchive, List<String>> reasons) {
    List<TidyArchive> whole =
        group.stream().filter(each -> !each.partial()).sorted(NEWEST_FIRST).toList();
    if (!whole.isEmpty()) {
      byRules(whole, reasons);
      byTime(whole, reasons);
    }
    for (TidyArchive each : whole) {
      if (tags.contains(each.tag())) {
        because(reasons, each, "tag " + each.tag());
      }
    }
    long newestKept =
        whole.stream()
            .filter(reasons::containsKey)
            .mapToLong(TidyArchive::sequence)
            .max()
            .orElse(0);
    for (TidyArchive each : group) {
      if (each.partial() && each.sequence() > newestKept) {
        because(reasons, each, "partial, and no whole one after it");
      }
    }
  }

  private void byRules(List<TidyArchive> newestFirst, Map<TidyArchive, List<String>> reasons) {
    Map<Rule, Set<Object>> periods = new EnumMap<>(Rule.class);
    for (TidyArchive each : newestFirst) {
      for (Rule rule : Rule.values()) {
        Set<Object> taken = periods.computeIfAbsent(rule, _ -> new HashSet<>());
        if (taken.size() < keep.getOrDefault(rule, 0) && taken.add(rule.period(each, zone))) {
          because(reasons, each, rule.text() + " " + taken.size());
        }
      }
    }
  }

  private void byTime(List<TidyArchive> newestFirst, Map<TidyArchive, List<String>> reasons) {
    if (within == null) {
      return;
    }
    ZonedDateTime newest = time(newestFirst.getFirst(), zone);
    long fromMillis = within.before(newest).toInstant().toEpochMilli();
    for (TidyArchive each : newestFirst) {
      if (each.committedMillis() >= fromMillis) {
        because(reasons, each, "within " + within);
      }
    }
  }

  private static void because(
      Map<TidyArchive, List<String>> reasons, TidyArchive archive, String reason) {
    reasons.computeIfAbsent(archive, _ -> new ArrayList<>()).add(reason);
  }

  private static ZonedDateTime time(TidyArchive archive, ZoneId zone) {
    return Instant.ofEpochMilli(archive.committedMillis()).atZone(zone);
  }

  /// An archive and why it is kept; without a reason it is not.
  public record Judged(TidyArchive archive, List<String> reasons) {
    public Judged {
      reasons = List.copyOf(reasons);
    }

    public boolean isKept() {
      return !reasons.isEmpty();
    }
  }

  /// A rule that counts.
  public enum Rule {
    LAST("last"),
    HOURLY("hourly"),
    DAILY("daily"),
    WEEKLY("weekly"),
    MONTHLY("monthly"),
    YEARLY("yearly");

    private final String text;

    Rule(String text) {
      this.text = text;
    }

    /// As in `--keep-last`.
    public String text() {
      return text;
    }

    /// What only one archive may stand for.
    Object period(TidyArchive archive, ZoneId zone) {
      ZonedDateTime time = time(archive, zone);
      return switch (this) {
        case LAST -> archive.root();
        case HOURLY -> time.truncatedTo(ChronoUnit.HOURS).toInstant();
        case DAILY -> time.toLocalDate();
        case WEEKLY ->
            List.of(
                time.get(IsoFields.WEEK_BASED_YEAR), time.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
        case MONTHLY -> YearMonth.from(time);
        case YEARLY -> time.getYear();
      };
    }
  }
}
