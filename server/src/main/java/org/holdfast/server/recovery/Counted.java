package org.holdfast.server.recovery;

import java.util.BitSet;
import java.util.List;
import org.holdfast.log.SegmentId;

/// Segments as an [Outline] counts them, and whether what they say of blocks counts.
///
/// Any thread.
final class Counted {
  private final int[] epochs;
  private final long[] numbers;
  private final BitSet counted = new BitSet();

  Counted(Outline outline, List<Step> steps) {
    epochs = new int[outline.count()];
    numbers = new long[outline.count()];
    int step = 0;
    for (int segment = 0; segment < epochs.length; segment++) {
      SegmentId id = outline.id(segment);
      epochs[segment] = id.epoch();
      numbers[segment] = id.number();
      while (step < steps.size()
          && (steps.get(step).isAbsent() || steps.get(step).segment().compareTo(id) < 0)) {
        step++;
      }
      if (step < steps.size() && steps.get(step).segment().equals(id)) {
        counted.set(segment);
      }
    }
  }

  boolean has(int segment) {
    return counted.get(segment);
  }

  int epoch(int segment) {
    return epochs[segment];
  }

  long number(int segment) {
    return numbers[segment];
  }
}
