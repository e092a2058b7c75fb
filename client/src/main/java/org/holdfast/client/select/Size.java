package org.holdfast.client.select;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.holdfast.core.RefusedException;

/// Lengths as people write them: `500`, `64k`, `1.5G`, `10MB`.
public final class Size {
  private static final Pattern FORM =
      Pattern.compile("(\\d{1,15}(?:\\.\\d{1,9})?)\\s*([kmgt]?)(i?)(b?)");

  private Size() {}

  /// Bytes. `k`, `M`, `G` and `T` are powers of 1,024, as in restic, and `kB`, `MB` and so on
  /// powers of 1,000, unless an `i` is between.
  public static long parse(String text) throws RefusedException {
    Matcher form = FORM.matcher(text.strip().toLowerCase(Locale.ROOT));
    if (!form.matches() || (form.group(2).isEmpty() && !form.group(3).isEmpty())) {
      throw new RefusedException(
          "'" + text + "' is no size: write a number of bytes, or one with k, M, G or T");
    }
    boolean isDecimal = !form.group(4).isEmpty() && form.group(3).isEmpty();
    int power = form.group(2).isEmpty() ? 0 : "kmgt".indexOf(form.group(2)) + 1;
    double bytes = Double.parseDouble(form.group(1)) * Math.pow(isDecimal ? 1000 : 1024, power);
    if (bytes > Long.MAX_VALUE / 2.0) {
      throw new RefusedException("'" + text + "' is more than any file has");
    }
    return (long) bytes;
  }
}
