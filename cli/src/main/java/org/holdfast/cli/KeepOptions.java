package org.holdfast.cli;

import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.holdfast.client.tidy.RetentionPolicy;
import org.holdfast.client.tidy.RetentionPolicy.Rule;
import org.holdfast.client.tidy.TimeSpan;
import org.holdfast.core.RefusedException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// What a person wants to keep.
final class KeepOptions {
  private static final String NUMBER = "\\d{1,6}";

  @Option(names = "--keep-last", paramLabel = "N", description = "The newest N archives.")
  private @Nullable String last;

  @Option(
      names = "--keep-hourly",
      paramLabel = "N",
      description = "The newest archive of each of the newest N hours that have one.")
  private @Nullable String hourly;

  @Option(names = "--keep-daily", paramLabel = "N", description = "The same for days.")
  private @Nullable String daily;

  @Option(names = "--keep-weekly", paramLabel = "N", description = "The same for ISO weeks.")
  private @Nullable String weekly;

  @Option(names = "--keep-monthly", paramLabel = "N", description = "The same for months.")
  private @Nullable String monthly;

  @Option(names = "--keep-yearly", paramLabel = "N", description = "The same for years.")
  private @Nullable String yearly;

  @Option(
      names = "--keep-within",
      paramLabel = "TIME",
      description =
          "All that are not older than the newest one by more than this, as 30d, 1y6m or 2w12h.")
  private @Nullable String within;

  @Option(
      names = "--keep-tag",
      paramLabel = "TAG",
      description = "All with this retention tag; may be repeated.")
  private List<String> tags = List.of();

  @Option(
      names = "--group-by",
      paramLabel = "tag|none",
      description =
          "Judge the archives of each retention tag apart (tag, the default), or all at once.")
  private String groupBy = "tag";

  @Option(names = "--utc", description = "Days, weeks, months and years begin in UTC, not here.")
  private boolean utc;

  /// Throws [RefusedException] for what is no policy, or one that keeps nothing.
  RetentionPolicy policy() throws RefusedException {
    if (!groupBy.equals("tag") && !groupBy.equals("none")) {
      throw new RefusedException("--group-by is tag or none, not " + groupBy);
    }
    Map<Rule, Integer> keep = new EnumMap<>(Rule.class);
    put(keep, Rule.LAST, last);
    put(keep, Rule.HOURLY, hourly);
    put(keep, Rule.DAILY, daily);
    put(keep, Rule.WEEKLY, weekly);
    put(keep, Rule.MONTHLY, monthly);
    put(keep, Rule.YEARLY, yearly);
    RetentionPolicy policy =
        new RetentionPolicy(
            keep,
            within == null ? null : TimeSpan.parse(within),
            Set.copyOf(tags),
            groupBy.equals("tag"),
            utc ? ZoneOffset.UTC : ZoneId.systemDefault());
    policy.check();
    return policy;
  }

  private static void put(Map<Rule, Integer> keep, Rule rule, @Nullable String text)
      throws RefusedException {
    if (text == null) {
      return;
    }
    if (text.equals("all")) {
      keep.put(rule, RetentionPolicy.ALL);
      return;
    }
    if (text.matches("\\d+") && !text.matches(NUMBER)) {
      throw new RefusedException(
          "--keep-" + rule.text() + " is 999999 at most, or all, not " + text);
    }
    if (!text.matches(NUMBER)) {
      throw new RefusedException(
          "--keep-" + rule.text() + " is a number or all, not \"" + text + "\"");
    }
    keep.put(rule, Integer.parseInt(text));
  }
}
