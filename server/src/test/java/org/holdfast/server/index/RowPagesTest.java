package org.holdfast.server.index;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RowPagesTest {
  /// Of no page, of one that is full to the last row, of several.
  @Test
  void allRowsThatBeginAlikeComeOnceInTheirOrder() {
    for (int rows : new int[] {0, 1, 10_000, 25_000}) {
      Batch batch = new Batch();
      batch.put(new byte[] {'a'}, new byte[0]);
      batch.put(new byte[] {'c'}, new byte[0]);
      List<ByteBuffer> expected = new ArrayList<>();
      for (int i = 0; i < rows; i++) {
        byte[] key = ByteBuffer.allocate(5).put((byte) 'b').putInt(i).array();
        expected.add(ByteBuffer.wrap(key));
        batch.put(key, new byte[] {1});
      }
      Index index = new MemoryIndex();
      index.write(batch);
      RowPages pages = new RowPages(index, new byte[] {'b'});
      List<ByteBuffer> found = new ArrayList<>();
      for (Index.Row row = pages.next(); row != null; row = pages.next()) {
        found.add(ByteBuffer.wrap(row.key()));
      }
      assertThat(found).isEqualTo(expected);
      assertThat(pages.next()).isNull();
    }
  }
}
