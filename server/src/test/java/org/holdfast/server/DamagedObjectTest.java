package org.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.MemoryBucket;
import org.holdfast.core.Clock;
import org.holdfast.core.Right;
import org.holdfast.core.Spawner;
import org.holdfast.core.SystemClock;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.SegmentId;
import org.holdfast.protocol.BlockRef;
import org.holdfast.protocol.Connection;
import org.holdfast.protocol.Pipe;
import org.holdfast.protocol.ServerMode;
import org.holdfast.protocol.Session;
import org.holdfast.server.session.Sessions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What a FETCH gives of objects that are not what was stored: the rest, and one line.
@Timeout(60)
class DamagedObjectTest {
  private static final Spawner SPAWNER = Spawner.virtual();
  private static final Clock CLOCK = new SystemClock();

  @TempDir Path folder;

  private final MemoryBucket memory = new MemoryBucket();
  private final GatedBucket bucket = new GatedBucket(memory);
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final List<byte[]> chunks = new ArrayList<>();
  private Service service;
  private Sessions sessions;
  private Client client;
  private Session session;
  private List<BlockRef> refs;
  private SegmentId segment;
  private byte[] object;
  private int header;

  /// Three chunks in one object, another in the next.
  @BeforeEach
  void start() throws Exception {
    service = new World().own(bucket, folder.resolve("state"));
    sessions =
        new Sessions(service.shard(), World.SERVICE, ServerMode.ALL, CLOCK, SPAWNER, lines::add);
    client = new Client().invited(service.shard(), "", CLOCK.wallMillis() + 60_000);
    client.register(connect());
    session = connect();
    client.prove(session, Right.WRITE);
    client.prove(session, Right.READ);
    Random random = new Random(5);
    for (int i = 0; i < 4; i++) {
      byte[] chunk = new byte[500];
      random.nextBytes(chunk);
      chunks.add(chunk);
    }
    refs = new ArrayList<>(client.backUp(session, chunks.get(0), chunks.get(1), chunks.get(2)));
    segment = World.counted(memory).getLast();
    refs.addAll(client.backUp(session, chunks.get(3)));
    object = memory.getWhole(segment.key(), Bucket.MAX_OBJECT_LENGTH).orElseThrow();
    header = ByteBuffer.wrap(object).getInt(12);
  }

  @AfterEach
  void stop() throws Exception {
    session.close();
    sessions.close();
    service.close();
  }

  private Session connect() throws Exception {
    Pipe.Ends ends = Pipe.open(1 << 20, Client.RANDOM);
    Connection server = ends.server();
    SPAWNER.spawn("session", () -> sessions.handle(server));
    return Session.open(ends.client(), CLOCK, SPAWNER, "test");
  }

  private void replace(byte[] bytes) throws Exception {
    memory.delete(segment.key());
    memory.putIfAbsent(segment.key(), List.of(ByteBuffer.wrap(bytes)));
  }

  private byte[] flipped(int at) {
    byte[] bytes = object.clone();
    bytes[at] ^= 4;
    return bytes;
  }

  /// All that comes is what was stored.
  private void assertComes(Integer... indexes) throws Exception {
    assertThat(client.fetch(session, refs))
        .containsOnlyKeys(indexes)
        .allSatisfy((index, bytes) -> assertThat(bytes).isEqualTo(chunks.get(index)));
  }

  private void assertTold(String what) {
    assertThat(lines)
        .singleElement()
        .asString()
        .contains(segment.key(), what, "restore the object from a copy of the bucket")
        .doesNotContain("\n");
  }

  @Test
  void anObjectThatIsMissingCostsItsBlocksAlone() throws Exception {
    memory.delete(segment.key());
    assertComes(3);
    assertComes(3);
    assertTold("is missing from the bucket");
    replace(object);
    assertComes(0, 1, 2, 3);
  }

  @Test
  void aFlippedBitCostsItsBlockAlone() throws Exception {
    replace(flipped(header + 700));
    assertComes(0, 2, 3);
    assertTold("is damaged");
  }

  @Test
  void anObjectThatIsCutShortCostsWhatIsGone() throws Exception {
    replace(Arrays.copyOf(object, header + 600));
    assertComes(0, 3);
    assertTold("is damaged");
    replace(new byte[0]);
    assertComes(3);
  }

  @Test
  void aDamagedHeaderIsToldAlthoughItCostsNothing() throws Exception {
    for (int at : new int[] {0, 12, 30, header - 36, header - 33}) {
      // A session tells of an object once.
      lines.clear();
      session.close();
      session = connect();
      client.prove(session, Right.READ);
      replace(flipped(at));
      assertComes(0, 1, 2, 3);
      assertTold("has a damaged header");
    }
    assertThat(lines).hasSize(1);
    replace(object);
    assertComes(0, 1, 2, 3);
    assertThat(lines).hasSize(1);
  }

  @Test
  void aBucketThatIsAwayIsNoDamage() {
    bucket.failsReads = true;
    assertThatThrownBy(() -> client.fetch(session, refs))
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("away");
    assertThat(lines).isEmpty();
  }
}
