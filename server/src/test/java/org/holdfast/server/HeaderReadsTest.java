package org.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.Buckets;
import org.holdfast.bucket.Hedging;
import org.holdfast.bucket.Listing;
import org.holdfast.bucket.MemoryBucket;
import org.holdfast.bucket.PutResult;
import org.holdfast.bucket.Range;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.SegmentHeader;
import org.holdfast.log.SegmentId;
import org.holdfast.log.Source;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// How a rebuild asks for headers: many at a time, all over the key space, and as many as the
/// operator says, who may say otherwise while it runs.
@Timeout(120)
class HeaderReadsTest {
  private static final int SEGMENT_LENGTH = 600;
  private static final int MANY = 16;
  private static final int FEW = 4;
  private static final int MORE = 12;
  private static final Hedging NEVER = new Hedging(Integer.MAX_VALUE, 0);

  @TempDir Path folder;

  private final World world = new World();
  private final Watched bucket = new Watched();

  @BeforeEach
  void makeLog() throws Exception {
    try (Service service = world.own(bucket, folder.resolve("state"), SEGMENT_LENGTH)) {
      History history = new History(5, world.clock);
      history.on(service.shard());
      history.run(400);
    }
    bucket.forget();
  }

  @Test
  void theyAreAskedForAllOverTheKeySpaceFromTheStart() throws Exception {
    Rebuild.Report report = rebuild(bucket);
    List<String> asked = bucket.keys();
    assertThat(asked).hasSizeGreaterThanOrEqualTo(report.segments()).hasSizeGreaterThan(300);
    int window = 128;
    for (int from = 0; from + window <= asked.size(); from += window) {
      long hashes =
          asked.subList(from, from + window).stream()
              .map(key -> key.substring(4, 6))
              .distinct()
              .count();
      // So many of 256, drawn 128 times, are 101 in the mean. In the order of keys it would be 100
      // times fewer.
      assertThat(hashes).isGreaterThan(70);
    }
  }

  /// Time stands still, so that the gate lets through what it begins with, or what it is told.
  @Test
  void asManyAreReadAtATimeAsTheConfigSaysAlsoWhenItChangesMeanwhile() throws Exception {
    List<SegmentId> segments = World.counted(bucket);
    bucket.forget();
    ServerConfig config = config(64);
    Buckets buckets = new Buckets(world.clock, Client.RANDOM, Spawner.virtual(), config.s3());
    ConcurrencyWatch watch = new ConcurrencyWatch(config, buckets, world.clock);
    // Headers wait until so many are under way together; then the operator changes his mind, and
    // nobody who comes from then on meets more; until he does so again.
    bucket.awaitTogether(MANY, () -> change(FEW, watch));
    bucket.atGet(
        100,
        () -> {
          change(MORE, watch);
          bucket.awaitTogether(MORE, () -> {});
        });
    Source<Optional<SegmentHeader>> headers =
        World.reader(buckets.layered(bucket, NEVER)).headers(segments);
    while (headers.hasNext()) {
      assertThat(headers.next()).isPresent();
    }
    assertThat(bucket.most()).hasSize(3);
    assertThat(bucket.most().get(0)).isEqualTo(MANY);
    assertThat(bucket.most().get(1)).isBetween(1, FEW);
    assertThat(bucket.most().get(2)).isEqualTo(MORE);
    assertThat(Files.readAllLines(folder.resolve("s3/timeline")))
        .satisfiesExactly(
            line ->
                assertThat(line)
                    .endsWith("at most 4 requests at once, which were 64, by `s3-concurrency`"),
            line -> assertThat(line).contains("at most 12 requests at once, which were 4,"));
  }

  @Test
  void aConfigThatCannotBeReadChangesNothing() throws Exception {
    ServerConfig config = config(64);
    Buckets buckets = new Buckets(world.clock, Client.RANDOM, Spawner.virtual(), config.s3());
    ConcurrencyWatch watch = new ConcurrencyWatch(config, buckets, world.clock);
    Files.writeString(config.file(), "nonsense = 1\n");
    watch.look();
    Files.delete(config.file());
    watch.look();
    assertThat(folder.resolve("s3/timeline")).doesNotExist();
    config(8);
    watch.look();
    assertThat(folder.resolve("s3/timeline")).isNotEmptyFile();
  }

  private Rebuild.Report rebuild(Bucket from) throws Exception {
    return new Rebuild(
            world.terms(from, SEGMENT_LENGTH), folder.resolve("rebuilt"), Rebuild.Progress.NONE)
        .run(Rebuild.How.REPLACE);
  }

  private void change(int concurrency, ConcurrencyWatch watch) throws UnavailableException {
    config(concurrency);
    watch.look();
  }

  private ServerConfig config(int concurrency) throws UnavailableException {
    try {
      Path file = folder.resolve("server.conf");
      Files.writeString(
          file,
          "bucket = s3://bucket\nstate = s3\nsecrets = s\ns3-concurrency = " + concurrency + "\n");
      return ServerConfig.read(file, Map.of());
    } catch (Exception e) {
      throw new UnavailableException("no config", e);
    }
  }

  /// Remembers which objects were asked for, and how many at a time.
  private static final class Watched implements Bucket {
    private final MemoryBucket inner = new MemoryBucket();
    private final List<String> keys = new ArrayList<>();
    private int underWay;
    private int together;
    private Change change = () -> {};
    private int laterGet;
    private Change laterChange = () -> {};
    private int most;
    private final List<Integer> mosts = new ArrayList<>();

    synchronized void forget() {
      keys.clear();
      most = 0;
    }

    synchronized List<String> keys() {
      return List.copyOf(keys);
    }

    /// From here on who reads waits until so many do; the last of them makes the change.
    synchronized void awaitTogether(int count, Change then) {
      together = count;
      change = then;
    }

    /// With that read, counted from 1, comes another change.
    synchronized void atGet(int number, Change then) {
      laterGet = number;
      laterChange = then;
    }

    /// How many were under way together, at most, up to each change.
    synchronized List<Integer> most() {
      return List.copyOf(mosts);
    }

    @Override
    public Optional<Range> get(String key, long offset, int length) throws UnavailableException {
      enter(key);
      try {
        return inner.get(key, offset, length);
      } finally {
        leave();
      }
    }

    private synchronized void enter(String key) throws UnavailableException {
      keys.add(key);
      underWay++;
      most = Math.max(most, underWay);
      if (keys.size() == laterGet) {
        changed(laterChange);
      }
      if (underWay == together) {
        together = 0;
        changed(change);
      }
      notifyAll();
      try {
        while (together > 0) {
          wait();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private void changed(Change now) throws UnavailableException {
      mosts.add(most);
      most = 0;
      now.make();
    }

    private synchronized void leave() {
      underWay--;
    }

    @Override
    public PutResult putIfAbsent(String key, List<ByteBuffer> body) throws RefusedException {
      return inner.putIfAbsent(key, body);
    }

    @Override
    public void delete(String key) {
      inner.delete(key);
    }

    @Override
    public Listing list(String prefix, String startAfter, int limit) {
      return inner.list(prefix, startAfter, limit);
    }
  }

  private interface Change {
    void make() throws UnavailableException;
  }
}
