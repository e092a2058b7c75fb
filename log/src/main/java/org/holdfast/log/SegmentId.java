package org.holdfast.log;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.holdfast.core.Invariant;

/// Which segment: shard, epoch (from 1) and number in the epoch (from 1).
///
/// Ordered as the log is. The object's key starts with a hash, so that segments spread over the key
/// space of a bucket (`docs/format.md`, "Objects").
public record SegmentId(int shard, int epoch, long number) implements Comparable<SegmentId> {
  /// Every segment's key starts with this.
  public static final String PREFIX = "log/";

  private static final Pattern KEY =
      Pattern.compile("log/([0-9a-f]{2})/([0-9a-f]{8})-([0-9a-f]{8})-([0-9a-f]{16})");

  public SegmentId {
    Invariant.check(shard >= 0 && epoch >= 1 && number >= 1, "segment ids count from 1");
  }

  /// The first segment of an epoch.
  public static SegmentId first(int shard, int epoch) {
    return new SegmentId(shard, epoch, 1);
  }

  public SegmentId next() {
    return new SegmentId(shard, epoch, number + 1);
  }

  /// What keys begin with: each of the 256 hashes once, neighbours far apart, so that whoever goes
  /// through them in this order meets all parts of a store's key space from the start.
  static List<String> keyPrefixes() {
    return IntStream.range(0, 256)
        .mapToObj(i -> String.format("log/%02x/", Integer.reverse(i) >>> 24))
        .toList();
  }

  public String key() {
    return String.format("log/%02x/%08x-%08x-%016x", spread(), shard, epoch, number);
  }

  /// Empty for a key that is not a segment's, also if its hash does not fit.
  public static Optional<SegmentId> ofKey(String key) {
    var match = KEY.matcher(key);
    if (!match.matches()) {
      return Optional.empty();
    }
    long shard = HexFormat.fromHexDigitsToLong(match.group(2));
    long epoch = HexFormat.fromHexDigitsToLong(match.group(3));
    long number = HexFormat.fromHexDigitsToLong(match.group(4));
    if (shard > Integer.MAX_VALUE || epoch < 1 || epoch > Integer.MAX_VALUE || number < 1) {
      return Optional.empty();
    }
    SegmentId id = new SegmentId((int) shard, (int) epoch, number);
    return id.key().equals(key) ? Optional.of(id) : Optional.empty();
  }

  private int spread() {
    byte[] id = ByteBuffer.allocate(16).putInt(shard).putInt(epoch).putLong(number).array();
    try {
      return MessageDigest.getInstance("SHA-256").digest(id)[0] & 0xff;
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  @Override
  public int compareTo(SegmentId other) {
    int byShard = Integer.compare(shard, other.shard);
    if (byShard != 0) {
      return byShard;
    }
    int byEpoch = Integer.compare(epoch, other.epoch);
    return byEpoch != 0 ? byEpoch : Long.compare(number, other.number);
  }

  @Override
  public String toString() {
    return "segment " + shard + "/" + epoch + "/" + number;
  }
}
