package org.holdfast.client.tidy;

import java.time.DateTimeException;
import java.time.ZonedDateTime;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.holdfast.core.RefusedException;

/// A length of time as people say it: `30d`, `1y6m`, `2w12h`.
public record TimeSpan(int years, int months, int weeks, int days, int hours) {
  private static final Pattern TEXT =
      Pattern.compile(
          "(?:(\\d{1,5})y)?(?:(\\d{1,5})m)?(?:(\\d{1,5})w)?(?:(\\d{1,5})d)?(?:(\\d{1,5})h)?");

  /// Throws [RefusedException] for what is no length of time, or none at all.
  public static TimeSpan parse(String text) throws RefusedException {
    Matcher matcher = TEXT.matcher(text);
    if (matcher.matches()) {
      TimeSpan span =
          new TimeSpan(
              number(matcher.group(1)),
              number(matcher.group(2)),
              number(matcher.group(3)),
              number(matcher.group(4)),
              number(matcher.group(5)));
      if (!span.equals(new TimeSpan(0, 0, 0, 0, 0))) {
        return span;
      }
    }
    throw new RefusedException(
        "\""
            + text
            + "\" is no length of time: write years, months, weeks, days and hours, as in 1y6m, 30d"
            + " or 2w12h");
  }

  /// So long before.
  ZonedDateTime before(ZonedDateTime time) {
    try {
      return time.minusYears(years)
          .minusMonths(months)
          .minusWeeks(weeks)
          .minusDays(days)
          .minusHours(hours);
    } catch (DateTimeException e) {
      throw new IllegalStateException("five digits of each reach no end of time", e);
    }
  }

  @Override
  public String toString() {
    return part(years, "y")
        + part(months, "m")
        + part(weeks, "w")
        + part(days, "d")
        + part(hours, "h");
  }

  private static int number(@org.jspecify.annotations.Nullable String digits) {
    return digits == null ? 0 : Integer.parseInt(digits);
  }

  private static String part(int number, String unit) {
    return number == 0 ? "" : number + unit;
  }
}
