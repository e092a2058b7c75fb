package org.holdfast.server.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.holdfast.server.index.Batch;
import org.holdfast.server.index.ForwardingIndex;
import org.holdfast.server.index.Index;
import org.holdfast.server.index.MemoryIndex;
import org.junit.jupiter.api.Test;

class EmptiedIndexTest {
  /// Whoever dies meanwhile leaves an index that the next start throws away, or an empty one; how
  /// far it had come is known as long as anything is.
  @Test
  void indexThatIsBeingEmptiedIsIncomplete() {
    MemoryIndex index = new MemoryIndex();
    Position position = new Position(3, 4, 5, Fingerprint.ZERO);
    Batch rows = new Batch();
    IntStream.range(0, 25_000)
        .forEach(i -> rows.put(new byte[] {'b', (byte) (i >> 8), (byte) i}, new byte[1]));
    rows.put(Keys.POSITION.toArray(), position.encode());
    index.write(rows);
    ShardState.clear(new Watched(index, position));
    assertThat(index.page(new byte[0], new byte[0], 1)).isEmpty();
  }

  private static final class Watched extends ForwardingIndex {
    private final Index inner;
    private final Position position;

    Watched(Index inner, Position position) {
      super(inner);
      this.inner = inner;
      this.position = position;
    }

    @Override
    public void write(Batch batch) {
      super.write(batch);
      if (!inner.page(new byte[0], new byte[0], 1).isEmpty()) {
        assertThat(ShardState.isIncomplete(inner)).isTrue();
        assertThat(ShardState.position(inner)).isEqualTo(position);
      }
    }
  }
}
