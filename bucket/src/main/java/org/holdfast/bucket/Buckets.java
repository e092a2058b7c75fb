package org.holdfast.bucket;

import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.holdfast.core.Clock;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;

/// Opens the bucket at an address.
public final class Buckets {
  private final Clock clock;
  private final SecureRandom random;
  private final Spawner spawner;
  private final S3Settings settings;
  private final BucketMeter meter;

  /// Of all that was opened here: one, as a rule.
  private final List<Gate> gates = new CopyOnWriteArrayList<>();

  private volatile int concurrency;

  public Buckets(Clock clock, SecureRandom random, Spawner spawner, S3Settings settings) {
    this.clock = clock;
    this.random = random;
    this.spawner = spawner;
    this.settings = settings;
    this.meter = new BucketMeter(clock, settings.prices());
    this.concurrency = settings.concurrency();
  }

  /// Opens a bucket that exists. A folder without the marks of a bucket is refused: where a disk is
  /// not mounted, an empty folder must not pass for an empty bucket.
  public Bucket open(BucketAddress address) throws RefusedException, UnavailableException {
    return switch (address) {
      case BucketAddress.Directory at -> metered(DirectoryBucket.open(at.path(), clock, random));
      case BucketAddress.S3 at -> s3(at);
    };
  }

  /// As [#open], for who changes nothing: a folder may be on a disk that cannot be written, or has
  /// no links.
  public Bucket openToRead(BucketAddress address) throws RefusedException, UnavailableException {
    return switch (address) {
      case BucketAddress.Directory at -> metered(DirectoryBucket.openToRead(at.path(), random));
      case BucketAddress.S3 at -> s3(at);
    };
  }

  /// Opens a bucket for a log that may be about to begin. A folder that is not there is made, and
  /// one that is becomes a bucket; files in it whose names break the rules for keys are left alone
  /// and not listed. A bucket in S3 has to exist; until there is a log, of which every key begins
  /// with `logPrefix`, its store is probed, and refused if it cannot be used.
  public Bucket openOrCreate(BucketAddress address, String logPrefix)
      throws RefusedException, UnavailableException {
    return switch (address) {
      case BucketAddress.Directory at ->
          metered(DirectoryBucket.openOrCreate(at.path(), clock, random));
      case BucketAddress.S3 at -> probed(at, logPrefix);
    };
  }

  /// Tries what the bucket at an address can do.
  public ProbeReport probe(BucketAddress address) throws RefusedException, UnavailableException {
    return switch (address) {
      case BucketAddress.Directory at ->
          new BucketProbe(DirectoryBucket.openOrCreate(at.path(), clock, random), spawner, random)
              .run();
      case BucketAddress.S3 at -> {
        try (RetryingBucket bucket = s3(at);
            S3Bucket raw = raw(at)) {
          yield new BucketProbe(bucket, spawner, random).run(raw, bucket);
        }
      }
    };
  }

  /// A store of the caller's behind the layers that a bucket in S3 has around it: attempts, turns
  /// and second requests are as they are there.
  public Bucket layered(Bucket store, Hedging hedging) {
    return layers(store, hedging);
  }

  /// From here on at most so many requests at once, to each store that was or will be opened here.
  /// Those that are under way come to their end.
  public void atMost(int requests) {
    concurrency = requests;
    gates.forEach(Gate::capChanged);
  }

  /// How long an object that must be there, and is not, is asked for again.
  public long patienceMillis(BucketAddress address) {
    return settings.patienceMillis(address);
  }

  private Bucket metered(Bucket bucket) {
    return new MeteredBucket(bucket, meter);
  }

  /// What has been asked of all that was opened here.
  public BucketMeter meter() {
    return meter;
  }

  private Bucket probed(BucketAddress.S3 address, String logPrefix)
      throws RefusedException, UnavailableException {
    Bucket bucket = s3(address);
    boolean taken = false;
    try {
      // Other objects say nothing: a probe that did not come to its end leaves some.
      if (bucket.list(logPrefix, "", 1).objects().isEmpty()) {
        refuseIfUnusable(address);
      }
      taken = true;
      return bucket;
    } finally {
      if (!taken) {
        bucket.close();
      }
    }
  }

  private void refuseIfUnusable(BucketAddress.S3 address)
      throws RefusedException, UnavailableException {
    List<ProbeReport.Finding> against = probe(address).against(settings.singleWriter());
    if (!against.isEmpty()) {
      ProbeReport.Finding first = against.getFirst();
      throw new RefusedException(
          "the store of "
              + address
              + " cannot be used: "
              + first.tried()
              + ": "
              + first.seen()
              + " ("
              + first.meaning()
              + "); `holdfast bucket probe "
              + address
              + "` shows all of it");
    }
  }

  private RetryingBucket s3(BucketAddress.S3 address)
      throws RefusedException, UnavailableException {
    return layers(raw(address), Hedging.USUAL);
  }

  private RetryingBucket layers(Bucket store, Hedging hedging) {
    // Within the gate: what waits for its turn is not slow, and a second attempt must not queue.
    Bucket hedged = new HedgedBucket(metered(store), meter, clock, spawner, hedging);
    Gate gate = new Gate(() -> concurrency, clock);
    gates.add(gate);
    Bucket gated = new GatedBucket(hedged, gate, clock);
    return new RetryingBucket(gated, settings.retryMillis(), meter, clock, random);
  }

  private S3Bucket raw(BucketAddress.S3 address) throws RefusedException {
    return new S3Bucket(new S3Connection(settings).open(), address, settings, clock);
  }
}
