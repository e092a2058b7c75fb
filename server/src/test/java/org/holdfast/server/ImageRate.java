package org.holdfast.server;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.BucketAddress;
import org.holdfast.bucket.Buckets;
import org.holdfast.bucket.ListedObject;
import org.holdfast.bucket.Listing;
import org.holdfast.bucket.PutResult;
import org.holdfast.bucket.Range;
import org.holdfast.bucket.S3Settings;
import org.holdfast.core.Bytes;
import org.holdfast.core.Clock;
import org.holdfast.core.CorruptException;
import org.holdfast.core.Folders;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Spawner;
import org.holdfast.core.SystemClock;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.LogKey;
import org.holdfast.log.LogWriter;
import org.holdfast.log.SegmentId;
import org.holdfast.server.image.ImageFile;
import org.holdfast.server.image.ImageFolder;
import org.holdfast.server.image.ImageList;
import org.holdfast.server.image.ImageStore;
import org.holdfast.server.index.Index;
import org.holdfast.server.index.RocksIndex;
import org.holdfast.server.recovery.Sorting;
import org.holdfast.server.shard.ShardStart;
import org.holdfast.server.state.ShardState;
import org.junit.jupiter.api.Test;

/// How long a start takes from an image with a hundredth of the log behind it, and from headers: of
/// the service that `bench/history` has made in `-Dholdfast.history=DIR`, to whose bucket an image
/// is added. Its name keeps it out of the tests; asked for by
///
/// `mvn -pl server -am -Dtest=ImageRate -Dholdfast.history=DIR
/// -Dsurefire.failIfNoSpecifiedTests=false test`
final class ImageRate {
  private static final int RUNS = 3;

  private final Clock clock = new SystemClock();
  private final SecureRandom random = new SecureRandom();

  @Test
  void starts() throws Exception {
    Path home = Path.of(Objects.requireNonNull(System.getProperty("holdfast.history")));
    Path state = home.resolve("measured");
    ServiceSecrets secrets = new SecretsFile(home.resolve("secrets")).read();
    Bucket bucket =
        new Buckets(clock, random, Spawner.virtual(), S3Settings.of(Map.of()))
            .open(BucketAddress.parse("dir:" + home.resolve("bucket")));
    Bucket withoutImages = new Hiding(bucket, key -> key.startsWith("i/"));
    if (bucket.list("i/", "", 1).objects().isEmpty()) {
      add(secrets, bucket, withoutImages, state);
    }
    for (int run = 0; run < RUNS; run++) {
      measure("from an image", terms(secrets, bucket), state);
      measure("from headers", terms(secrets, withoutImages), state);
    }
  }

  private void measure(String how, Service.Terms terms, Path state) throws Exception {
    Folders.delete(state);
    long began = clock.nanos();
    Told told = new Told(clock, began);
    Service.readOnly(terms, state, told).close();
    double seconds = (clock.nanos() - began) / 1e9;
    System.out.printf(
        Locale.ROOT,
        "%s: %.2f s, %d MiB of an image, %d segments replayed;%s%n",
        how,
        seconds,
        told.bytes >> 20,
        told.segments,
        told.steps);
    Folders.delete(state);
  }

  /// An image of the log as it was when it was a hundredth shorter.
  private void add(ServiceSecrets secrets, Bucket bucket, Bucket withoutImages, Path state)
      throws Exception {
    Service.Terms all = terms(secrets, withoutImages);
    List<SegmentId> segments = List.copyOf(all.reader().list(0).keySet());
    Set<String> last = new TreeSet<>();
    segments
        .subList(segments.size() - segments.size() / 100, segments.size())
        .forEach(id -> last.add(id.key()));
    Service.Terms terms = terms(secrets, new Hiding(withoutImages, last::contains));
    Folders.delete(state);
    Service.readOnly(terms, state, new Told(clock, 0)).close();
    ImageStore store = new ImageStore(bucket, terms.key(), terms.service(), 0);
    List<ImageFile> files = new ArrayList<>();
    long sent = 0;
    try (Index index = RocksIndex.open(state.resolve("index"))) {
      Path links = state.resolve("links");
      index.linkTo(links);
      ImageFolder local = new ImageFolder(links);
      for (ImageFolder.Local file : local.files()) {
        List<Bytes> pieces = new ArrayList<>();
        for (long at = 0; at < file.length(); at += ImageFile.PIECE_LENGTH) {
          int length = (int) Math.min(ImageFile.PIECE_LENGTH, file.length() - at);
          ByteBuffer piece = local.read(file.name(), at, length);
          pieces.add(store.name(piece));
          store.put(pieces.getLast(), piece);
        }
        files.add(new ImageFile(file.name(), file.length(), pieces));
        sent += file.length();
      }
      store.put(
          new ImageList(terms.service(), 0, ShardState.position(index), clock.wallMillis(), files));
    }
    Folders.delete(state);
    System.out.printf(
        "%d segments, an image of %d MiB in %d files%n", segments.size(), sent >> 20, files.size());
  }

  private Service.Terms terms(ServiceSecrets secrets, Bucket bucket) {
    return new Service.Terms(
        secrets.service(),
        new LogKey(secrets.logKey()),
        bucket,
        clock,
        Spawner.virtual(),
        random,
        0,
        Service.Terms.GRACE_MILLIS,
        2000,
        RocksIndex::open,
        LogWriter.SEGMENT_DATA_LENGTH,
        LogWriter.IN_FLIGHT_MAX,
        Sorting.OF_A_SERVER);
  }

  /// A bucket that lacks some objects, and is not written.
  private record Hiding(Bucket inner, Predicate<String> isHidden) implements Bucket {
    @Override
    public Optional<Range> get(String key, long offset, int length)
        throws CorruptException, RefusedException, UnavailableException {
      return isHidden.test(key) ? Optional.empty() : inner.get(key, offset, length);
    }

    @Override
    public PutResult putIfAbsent(String key, List<ByteBuffer> body) throws RefusedException {
      throw new RefusedException("nothing is put here");
    }

    @Override
    public void delete(String key) throws RefusedException {
      throw new RefusedException("nothing is deleted here");
    }

    @Override
    public Listing list(String prefix, String startAfter, int limit)
        throws RefusedException, UnavailableException {
      Listing all = inner.list(prefix, startAfter, limit);
      List<ListedObject> shown = new ArrayList<>(all.objects());
      shown.removeIf(object -> isHidden.test(object.key()));
      // Whoever lists on begins behind the last that was shown.
      return shown.isEmpty() && all.more()
          ? list(prefix, all.objects().getLast().key(), limit)
          : new Listing(shown, all.more());
    }
  }

  private static final class Told implements ShardStart.Listener {
    private final Clock clock;
    private final long began;
    private final StringBuilder steps = new StringBuilder();
    private long bytes;
    private int segments;

    Told(Clock clock, long began) {
      this.clock = clock;
      this.began = began;
    }

    private void step(String name) {
      steps.append(String.format(Locale.ROOT, " %s %.2f", name, (clock.nanos() - began) / 1e9));
    }

    @Override
    public void imageFetched(long bytesDone, long bytesAll) {
      if (bytesDone <= ImageFile.PIECE_LENGTH || bytesDone == bytesAll) {
        step("fetched " + (bytesDone >> 20));
      }
    }

    @Override
    public void imageTaken(String list, long record, long length) {
      bytes = length;
      step("taken");
    }

    @Override
    public void imageLeft(String list, String why) {
      System.out.println(list + ": " + why);
    }

    @Override
    public void discarded(String reason) {
      System.out.println("discarded: " + reason);
    }

    @Override
    public void replaying(int count) {
      segments += count;
    }

    @Override
    public void replayed(long segmentsDone, long segmentsAll, long recordsDone) {
      if (segmentsDone == segmentsAll) {
        step("replayed " + segmentsAll);
      }
    }
  }
}
