package org.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import org.holdfast.bucket.MemoryBucket;
import org.holdfast.core.Bytes;
import org.holdfast.core.HoldfastException;
import org.holdfast.log.SegmentHeader;
import org.holdfast.log.SegmentId;
import org.holdfast.server.index.Batch;
import org.holdfast.server.index.ForwardingIndex;
import org.holdfast.server.index.Index;
import org.holdfast.server.index.RocksIndex;
import org.holdfast.server.state.Names;
import org.holdfast.server.state.ShardState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a record changes, it names: or cleaning would lose what a segment has said.
final class NamedRowsTest {
  private static final int SEGMENT_LENGTH = 2000;

  /// Rows that cleaning restates, by the first byte of their keys.
  private static final String RESTATED = "aimrdt";

  @TempDir Path folder;

  private final World world = new World();
  private final CopyOnWriteArrayList<String> unnamed = new CopyOnWriteArrayList<>();
  private final Set<Byte> kinds = new TreeSet<>();
  private MemoryBucket bucket = new MemoryBucket();
  private int moves;

  @Test
  void whateverASegmentChangesItsRecordsName() throws Exception {
    for (int seed = 0; seed < 5; seed++) {
      Path state = folder.resolve("s" + seed);
      bucket = new MemoryBucket();
      History history = new History(seed, world.clock);
      try (Service service =
          Service.own(
              world.terms(bucket, SEGMENT_LENGTH, path -> new Watched(RocksIndex.open(path))),
              state,
              world,
              world.stopped::add)) {
        history.on(service.shard());
        history.run(300);
        moves += history.moves();
      }
    }
    assertThat(unnamed).isEmpty();
    assertThat(kinds).as("rows of each kind were changed").hasSize(RESTATED.length());
    assertThat(moves).isGreaterThan(20);
    assertThat(world.stopped).isEmpty();
  }

  /// Looks at what each segment that became durable has changed.
  private final class Watched extends ForwardingIndex {
    Watched(Index inner) {
      super(inner);
    }

    @Override
    public void write(Batch batch) {
      super.write(batch);
      SegmentId segment = ShardState.position(this).segmentId(0);
      try {
        SegmentHeader header = World.reader(bucket).header(segment).orElseThrow();
        Set<Bytes> named = new HashSet<>(Names.of(header.entries()));
        for (Batch.Change change : batch.changes()) {
          byte kind = change.key()[0];
          if (RESTATED.indexOf(kind) >= 0) {
            kinds.add(kind);
            if (!named.contains(Bytes.copyOf(change.key()))) {
              unnamed.add((char) kind + " of " + segment + ": " + header.entries());
            }
          }
        }
      } catch (HoldfastException e) {
        unnamed.add(e.toString());
      }
    }
  }
}
