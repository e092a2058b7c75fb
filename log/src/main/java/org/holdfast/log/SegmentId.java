package org.holdfast.log;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.holdfast.core.Invariant;

/// Which segment: shard, epoch (from 1) and number in the epoch (from 1).
///
/// Ordered as the log is. The object's key starts with a hash, so that segments spread over the key
/// space of a bucket (`docs/format.md`, "Objects").
public record SegmentId(int shard, int epoch, long number) implements Comparable<SegmentId> {
  /// Every segment's key starts with this.
  public static final String PREFIX = "log/";

  /// `log/HH/SSSSSSSS-EEEEEEEE-NNNNNNNNNNNNNNNN`
  private static final int KEY_LENGTH = 41;

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

  /// The one before; only if there is one.
  public SegmentId before() {
    return new SegmentId(shard, epoch, number - 1);
  }

  /// What keys begin with: each of the 256 hashes once, neighbours far apart, so that whoever goes
  /// through them in this order meets all parts of a store's key space from the start.
  static List<String> keyPrefixes() {
    return IntStream.range(0, 256)
        .mapToObj(i -> String.format("log/%02x/", Integer.reverse(i) >>> 24))
        .toList();
  }

  public String key() {
    HexFormat hex = HexFormat.of();
    return PREFIX
        + hex.toHexDigits((byte) spread())
        + '/'
        + hex.toHexDigits(shard)
        + '-'
        + hex.toHexDigits(epoch)
        + '-'
        + hex.toHexDigits(number);
  }

  /// Empty for a key that is not a segment's, also if its hash does not fit.
  public static Optional<SegmentId> ofKey(String key) {
    // A start asks this of every object of the log: no regular expression.
    if (key.length() != KEY_LENGTH || !key.startsWith(PREFIX)) {
      return Optional.empty();
    }
    long shard;
    long epoch;
    long number;
    try {
      shard = HexFormat.fromHexDigitsToLong(key, 7, 15);
      epoch = HexFormat.fromHexDigitsToLong(key, 16, 24);
      number = HexFormat.fromHexDigitsToLong(key, 25, KEY_LENGTH);
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
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
