package org.holdfast.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.holdfast.core.FuzzContract;

/// A key that a store lists. It is a segment's, and then that segment's only key, or nobody's.
final class SegmentKeyFuzzTest extends FuzzContract {
  @Override
  protected List<byte[]> seeds() {
    return List.of(new SegmentId(0, 1, 1), new SegmentId(3, 2, 9), new SegmentId(7, 900, 1L << 40))
        .stream()
        .map(id -> id.key().getBytes(StandardCharsets.UTF_8))
        .toList();
  }

  @Override
  protected void parse(byte[] input) {
    String key = new String(input, StandardCharsets.UTF_8);
    Optional<SegmentId> id = SegmentId.ofKey(key);
    id.ifPresent(found -> assertThat(found.key()).isEqualTo(key));
  }
}
