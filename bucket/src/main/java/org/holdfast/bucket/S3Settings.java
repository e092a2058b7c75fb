package org.holdfast.bucket;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.holdfast.core.RefusedException;

/// How a store in S3 is spoken to (`docs/buckets.md`, "Where it is and who asks"). What is empty
/// here is looked up where AWS's own tools look.
///
/// @param environment the process's variables, for what AWS's tools read from them
/// @param connectTimeoutMillis until a connection stands
/// @param attemptTimeoutMillis for one request, its body not counted
/// @param leastRate bytes a second under which a body counts as stuck
/// @param retryMillis after which a call that keeps failing is given up
/// @param concurrency the most requests at once; [Buckets#atMost] changes it
/// @param singleWriter the operator says that nobody else ever writes to the bucket
public record S3Settings(
    Map<String, String> environment,
    Optional<URI> endpoint,
    Optional<String> region,
    Optional<String> profile,
    Optional<Boolean> pathStyle,
    Optional<String> storageClass,
    long connectTimeoutMillis,
    long attemptTimeoutMillis,
    long leastRate,
    long retryMillis,
    int concurrency,
    Prices prices,
    boolean singleWriter) {
  /// The names of the settings in a config file.
  public static final Set<String> NAMES =
      Set.of(
          "s3-endpoint",
          "s3-region",
          "s3-profile",
          "s3-path-style",
          "s3-storage-class",
          "s3-connect-timeout",
          "s3-attempt-timeout",
          "s3-least-rate",
          "s3-retry-time",
          "s3-concurrency",
          "s3-prices",
          "single-writer");

  /// No process has more requests under way.
  static final int CONCURRENCY_MAX = 1_024;

  /// What a store charges, in any currency.
  ///
  /// @param thousandPuts for a thousand PUTs or listings
  /// @param thousandGets for a thousand GETs
  /// @param gigabyteMonth for 10^9 bytes kept for a month
  public record Prices(double thousandPuts, double thousandGets, double gigabyteMonth) {
    /// AWS S3 Standard in us-east-1, in US dollars (its public price list, 2026).
    public static final Prices DEFAULT = new Prices(0.005, 0.0004, 0.023);

    /// What so many requests cost; `puts` counts PUTs and listings.
    public double requests(long puts, long gets) {
      return puts / 1000.0 * thousandPuts + gets / 1000.0 * thousandGets;
    }
  }

  /// A folder's answer is as current as the folder: what may help is a person who puts right what
  /// was moved a moment ago.
  private static final long FOLDER_PATIENCE_MILLIS = 2_000;

  /// How long an object that must be there, and is not, is asked for again: a store may be slow to
  /// show it.
  public long patienceMillis(BucketAddress address) {
    return switch (address) {
      case BucketAddress.Directory _ -> FOLDER_PATIENCE_MILLIS;
      case BucketAddress.S3 _ -> retryMillis;
    };
  }

  /// Reads the settings that are there; the others keep their defaults.
  ///
  /// @param where what to call the source in a message
  public static S3Settings read(
      Map<String, String> values, String where, Map<String, String> environment)
      throws RefusedException {
    Values from = new Values(values, where);
    return new S3Settings(
        Map.copyOf(environment),
        from.endpoint(),
        from.text("s3-region"),
        from.text("s3-profile"),
        from.flag("s3-path-style"),
        from.text("s3-storage-class"),
        from.number("s3-connect-timeout", 100, 600_000, 5_000),
        from.number("s3-attempt-timeout", 100, 600_000, 30_000),
        from.number("s3-least-rate", 1, 1L << 40, 64 << 10),
        from.number("s3-retry-time", 0, 86_400_000, 60_000),
        (int) from.number("s3-concurrency", Gate.LEAST, CONCURRENCY_MAX, 64),
        from.prices(),
        from.flag("single-writer").orElse(false));
  }

  /// All by the environment.
  public static S3Settings of(Map<String, String> environment) {
    try {
      return read(Map.of(), "", environment);
    } catch (RefusedException e) {
      throw new AssertionError("nothing to refuse", e);
    }
  }

  private record Values(Map<String, String> values, String where) {
    Optional<String> text(String name) {
      return Optional.ofNullable(values.get(name)).map(String::strip).filter(s -> !s.isEmpty());
    }

    Optional<URI> endpoint() throws RefusedException {
      Optional<String> text = text("s3-endpoint");
      return text.isEmpty() ? Optional.empty() : Optional.of(uri(text.get(), where));
    }

    Optional<Boolean> flag(String name) throws RefusedException {
      Optional<String> text = text(name);
      if (text.isPresent() && !List.of("true", "false").contains(text.get())) {
        throw wrong(name, "needs true or false", text.get());
      }
      return text.map(Boolean::valueOf);
    }

    long number(String name, long least, long most, long otherwise) throws RefusedException {
      Optional<String> text = text(name);
      if (text.isEmpty()) {
        return otherwise;
      }
      try {
        long number = Long.parseLong(text.get());
        if (number >= least && number <= most) {
          return number;
        }
      } catch (NumberFormatException e) {
        // Told below, like a number out of range.
      }
      throw wrong(name, "needs a number from " + least + " to " + most, text.get());
    }

    Prices prices() throws RefusedException {
      Optional<String> text = text("s3-prices");
      if (text.isEmpty()) {
        return Prices.DEFAULT;
      }
      String[] parts = text.get().split(",", -1);
      try {
        if (parts.length == 3) {
          return new Prices(price(parts[0]), price(parts[1]), price(parts[2]));
        }
      } catch (NumberFormatException e) {
        // Told below, like a wrong count.
      }
      throw wrong("s3-prices", "needs three numbers: 1000 PUTs, 1000 GETs, a GB-month", text.get());
    }

    private static double price(String text) {
      double price = Double.parseDouble(text);
      if (price >= 0 && Double.isFinite(price)) {
        return price;
      }
      throw new NumberFormatException("no price: " + text);
    }

    private RefusedException wrong(String name, String needs, String text) {
      return new RefusedException(where + ": `" + name + "` " + needs + ", not " + text);
    }
  }

  /// An endpoint's URL.
  static URI uri(String text, String where) throws RefusedException {
    try {
      URI uri = new URI(text);
      boolean isWeb = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      if (isWeb && uri.getHost() != null) {
        return uri;
      }
    } catch (URISyntaxException e) {
      // Told below, like another scheme.
    }
    throw new RefusedException(
        where + ": the endpoint '" + text + "' is no URL such as https://s3.example.org");
  }
}
