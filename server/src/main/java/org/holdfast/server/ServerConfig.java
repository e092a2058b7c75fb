package org.holdfast.server;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Stream;
import org.holdfast.bucket.BucketAddress;
import org.holdfast.bucket.S3Settings;
import org.holdfast.core.FileReason;
import org.holdfast.core.RefusedException;
import org.holdfast.server.session.Limits;
import org.holdfast.server.shard.AfterCrash;
import org.holdfast.server.shard.BackgroundJob;
import org.holdfast.server.shard.DiskWatch;

/// What an operator decides, from a file of `key = value` lines.
///
/// | key | meaning | default |
/// |---|---|---|
/// | `bucket` | where the log is: `dir:PATH` | none |
/// | `state` | folder for the index; a cache, may be deleted | none |
/// | `secrets` | file of the service's secrets; made at the first start | none |
/// | `listen` | `HOST:PORT` for clients; port 0 takes a free one | `0.0.0.0:7420` |
/// | `socket` | the operator's socket | `operator.sock` in the state folder |
/// | `commit-linger` | ms that a commit waits for others to share its segment | 5 |
/// | `grace-days` | days for which a deletion can be undone, 0 to 3650 | 30 |
/// | `scrub-days` | days in which all that is kept is read again, 0 to 3650; 0: never | 30 |
/// | `drill-days` | days after which a recovery is tried, 0 to 3650; 0: never | 30 |
/// | `image-days` | days between images of the index, 0 to 7; 0: none | 1 |
/// | `store-memory` | MiB for all blocks that wait for a place in the log | 128 |
/// | `fetch-memory` | MiB for all blocks on their way to clients | 128 |
/// | `disk-low` | MiB free on the state folder's disk below which no backups are taken | 256 |
/// | `disk-high` | MiB free that end this; below it background work waits | 512 |
/// | `sessions` | sessions at a time; more are told to come back | 500 |
/// | `freeing`, `cleaning`, `scrub`, `image`, `drill` | whether it is done: `on`, `off` | `on` |
/// | `after-crash` | if the index was not closed: `verify`, `hold` or `serve` | `verify` |
/// | `partner` | `HOST:PORT` of the service's other server | none |
/// | `take-over-after` | s of its silence before a standby takes over, 2 to 3600; `never` | 5 |
/// | `alert-command` | for `/bin/sh -c`: gets what is wrong on its standard input | none |
/// | `s3-…`, `single-writer` | how a store in S3 is spoken to: `docs/buckets.md` | |
///
/// Relative paths are relative to the file's folder.
///
/// @param file that it was read from
public record ServerConfig(
    Path file,
    BucketAddress bucket,
    Path state,
    Path secrets,
    String host,
    int port,
    Path socket,
    long lingerMillis,
    long graceMillis,
    long scrubMillis,
    long drillMillis,
    long imageMillis,
    Limits limits,
    DiskWatch.Marks disk,
    Set<BackgroundJob> off,
    AfterCrash afterCrash,
    Optional<PartnerAddress> partner,
    Optional<String> alertCommand,
    S3Settings s3,
    List<String> first) {
  private static final Set<String> OWN =
      Set.of(
          "bucket",
          "state",
          "secrets",
          "listen",
          "socket",
          "commit-linger",
          "grace-days",
          "scrub-days",
          "drill-days",
          "image-days",
          "store-memory",
          "fetch-memory",
          "disk-low",
          "disk-high",
          "sessions",
          "freeing",
          "cleaning",
          "scrub",
          "image",
          "drill",
          "after-crash",
          "partner",
          "take-over-after",
          "alert-command");

  private static final long MIB = 1 << 20;

  private static final long DAY_MILLIS = 24L * 3600 * 1000;

  /// An image that is older gives way to cleaning.
  private static final long IMAGE_DAYS_MAX = 7;

  public ServerConfig {
    first = List.copyOf(first);
  }

  /// Reads a config file.
  ///
  /// @param environment the process's variables, for the settings of S3 that the file leaves open
  public static ServerConfig read(Path file, Map<String, String> environment)
      throws RefusedException {
    try {
      return parse(Files.readString(file), file, environment);
    } catch (NoSuchFileException e) {
      throw new RefusedException("there is no config file " + file, e);
    } catch (IOException e) {
      throw new RefusedException(
          "the config file " + file + " cannot be read: " + FileReason.of(e), e);
    }
  }

  static ServerConfig parse(String text, Path file, Map<String, String> environment)
      throws RefusedException {
    Properties values = new Properties();
    try {
      values.load(new StringReader(text));
    } catch (IOException | IllegalArgumentException e) {
      throw new RefusedException(
          "the config file " + file + " cannot be read: " + e.getMessage(), e);
    }
    for (String key : values.stringPropertyNames()) {
      if (!OWN.contains(key) && !S3Settings.NAMES.contains(key)) {
        throw new RefusedException(
            file
                + ": there is no setting `"
                + key
                + "`; known are "
                + Stream.concat(OWN.stream(), S3Settings.NAMES.stream()).sorted().toList());
      }
    }
    return of(values, file, environment);
  }

  private static ServerConfig of(Properties values, Path file, Map<String, String> environment)
      throws RefusedException {
    Path folder = file.toAbsolutePath().normalize().getParent();
    Path base = folder == null ? Path.of("/") : folder;
    String listen = values.getProperty("listen", "0.0.0.0:7420").strip();
    int colon = listen.lastIndexOf(':');
    if (colon < 1) {
      throw new RefusedException(file + ": `listen` is HOST:PORT, not " + listen);
    }
    Path state = path(required(values, "state", file), base, file);
    return new ServerConfig(
        file,
        BucketAddress.parse(bucket(required(values, "bucket", file), base, file)),
        state,
        path(required(values, "secrets", file), base, file),
        listen.substring(0, colon),
        (int) number(listen.substring(colon + 1), 0, 65_535, "listen", file),
        path(
            values.getProperty("socket", state.resolve("operator.sock").toString()).strip(),
            base,
            file),
        number(values.getProperty("commit-linger", "5"), 0, 10_000, "commit-linger", file),
        days(values, "grace-days", file),
        days(values, "scrub-days", file),
        days(values, "drill-days", file),
        DAY_MILLIS
            * number(values.getProperty("image-days", "1"), 0, IMAGE_DAYS_MAX, "image-days", file),
        limits(values, file),
        disk(values, file),
        off(values, file),
        afterCrash(values, file),
        partner(values, file),
        Optional.of(values.getProperty("alert-command", "").strip())
            .filter(text -> !text.isEmpty()),
        s3(values, file, environment),
        List.of());
  }

  /// What the file says now.
  ServerConfig again() throws RefusedException {
    return read(file, s3.environment());
  }

  /// With another policy for this start.
  public ServerConfig with(AfterCrash policy) {
    return with(port, policy, partner, first);
  }

  /// With these machines, by their names or the beginnings of their ids, wanted first if the index
  /// has to be made anew.
  public ServerConfig with(List<String> machines) {
    return with(port, afterCrash, partner, machines);
  }

  /// With the port that was free when the process began.
  public ServerConfig at(int boundPort) {
    return with(boundPort, afterCrash, partner, first);
  }

  /// Without a partner.
  ServerConfig alone() {
    return with(port, afterCrash, Optional.empty(), first);
  }

  private ServerConfig with(
      int otherPort, AfterCrash policy, Optional<PartnerAddress> other, List<String> machines) {
    return new ServerConfig(
        file,
        bucket,
        state,
        secrets,
        host,
        otherPort,
        socket,
        lingerMillis,
        graceMillis,
        scrubMillis,
        drillMillis,
        imageMillis,
        limits,
        disk,
        off,
        policy,
        other,
        alertCommand,
        s3,
        machines);
  }

  /// In milliseconds.
  private static long days(Properties values, String key, Path file) throws RefusedException {
    return DAY_MILLIS * number(values.getProperty(key, "30"), 0, 3650, key, file);
  }

  private static S3Settings s3(Properties values, Path file, Map<String, String> environment)
      throws RefusedException {
    Map<String, String> named = new HashMap<>();
    values.stringPropertyNames().forEach(name -> named.put(name, values.getProperty(name)));
    return S3Settings.read(named, file.toString(), environment);
  }

  private static Limits limits(Properties values, Path file) throws RefusedException {
    return new Limits(
        memory(values, "store-memory", Limits.DEFAULT.storeBytes(), file),
        memory(values, "fetch-memory", Limits.DEFAULT.fetchBytes(), file),
        (int)
            number(
                values.getProperty("sessions", String.valueOf(Limits.DEFAULT.sessions())),
                1,
                100_000,
                "sessions",
                file));
  }

  private static DiskWatch.Marks disk(Properties values, Path file) throws RefusedException {
    long low = mib(values, "disk-low", 0, DiskWatch.Marks.DEFAULT.lowBytes(), file);
    long high =
        mib(values, "disk-high", 0, Math.max(2 * low, DiskWatch.Marks.DEFAULT.highBytes()), file);
    if (high < low) {
      throw new RefusedException(file + ": `disk-high` is not below `disk-low`: set it higher");
    }
    return new DiskWatch.Marks(low, high);
  }

  private static Set<BackgroundJob> off(Properties values, Path file) throws RefusedException {
    Set<BackgroundJob> off = EnumSet.noneOf(BackgroundJob.class);
    for (BackgroundJob job : BackgroundJob.values()) {
      String value = values.getProperty(job.toString(), "on").strip();
      if (value.equals("off")) {
        off.add(job);
      } else if (!value.equals("on")) {
        throw new RefusedException(file + ": `" + job + "` is on or off, not " + value);
      }
    }
    return off;
  }

  private static AfterCrash afterCrash(Properties values, Path file) throws RefusedException {
    String value = values.getProperty("after-crash", AfterCrash.VERIFY.toString()).strip();
    return AfterCrash.of(value)
        .orElseThrow(() ->
            new RefusedException(file + ": `after-crash` is verify, hold or serve, not " + value));
  }

  private static Optional<PartnerAddress> partner(Properties values, Path file)
      throws RefusedException {
    String text = values.getProperty("partner", "").strip();
    String after = values.getProperty("take-over-after", "").strip();
    if (text.isEmpty()) {
      if (!after.isEmpty()) {
        throw new RefusedException(file + ": `take-over-after` says nothing without a `partner`");
      }
      return Optional.empty();
    }
    int colon = text.lastIndexOf(':');
    String host = text.substring(0, Math.max(0, colon));
    boolean isBracketed = host.startsWith("[") && host.endsWith("]");
    if (host.isBlank() || host.contains(":") != isBracketed) {
      throw new RefusedException(file + ": `partner` is HOST:PORT, not " + text);
    }
    long seconds =
        after.equals("never")
            ? 0
            : number(after.isEmpty() ? "5" : after, 2, 3600, "take-over-after", file);
    return Optional.of(
        new PartnerAddress(
            isBracketed ? host.substring(1, host.length() - 1) : host,
            (int) number(text.substring(colon + 1), 1, 65_535, "partner", file),
            seconds * 1000));
  }

  private static long memory(Properties values, String key, long defaultBytes, Path file)
      throws RefusedException {
    return mib(values, key, Limits.BYTES_MIN / MIB, defaultBytes, file);
  }

  private static long mib(Properties values, String key, long least, long defaultBytes, Path file)
      throws RefusedException {
    String text = values.getProperty(key, String.valueOf(defaultBytes / MIB));
    return MIB * number(text, least, 1 << 20, key, file);
  }

  private static String bucket(String address, Path base, Path file) throws RefusedException {
    return address.startsWith("dir:") ? "dir:" + path(address.substring(4), base, file) : address;
  }

  private static Path path(String text, Path base, Path file) throws RefusedException {
    try {
      return base.resolve(text);
    } catch (InvalidPathException e) {
      throw new RefusedException(file + ": a path cannot be one: " + e.getMessage(), e);
    }
  }

  private static String required(Properties values, String key, Path file) throws RefusedException {
    String value = values.getProperty(key, "").strip();
    if (value.isEmpty()) {
      throw new RefusedException(file + ": the setting `" + key + "` is missing");
    }
    return value;
  }

  private static long number(String text, long least, long most, String key, Path file)
      throws RefusedException {
    try {
      long number = Long.parseLong(text.strip());
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Told below, like a number out of range.
    }
    throw new RefusedException(
        file + ": `" + key + "` needs a number from " + least + " to " + most + ", not " + text);
  }

  /// Where a service's other server is.
  ///
  /// @param silenceMillis after which a standby takes over by itself; 0: never
  public record PartnerAddress(String host, int port, long silenceMillis) {}
}
