package org.holdfast.server;

import java.util.EnumMap;
import java.util.Map;

/// Where pauses and mishaps have met the servers, over all runs.
final class Pauses {
  /// Fewer steps of others are no pause.
  private static final int STEPS_MIN = 5;

  private final Map<Step, Integer> before = new EnumMap<>(Step.class);
  private final Map<Step, Integer> after = new EnumMap<>(Step.class);
  private final Map<Step, Integer> lost = new EnumMap<>(Step.class);
  private final Map<Step, Integer> late = new EnumMap<>(Step.class);
  private final Map<Step, Integer> beyondSeal = new EnumMap<>(Step.class);
  private int races;

  void before(StagedCall call, long time) {
    if (time - call.arrivedAt >= STEPS_MIN) {
      before.merge(call.step, 1, Integer::sum);
    }
  }

  void after(StagedCall call, long time) {
    if (time - call.doneAt >= STEPS_MIN) {
      after.merge(call.step, 1, Integer::sum);
    }
  }

  void lost(StagedCall call) {
    lost.merge(call.step, 1, Integer::sum);
  }

  void late(StagedCall call, boolean beyond) {
    late.merge(call.step, 1, Integer::sum);
    if (beyond) {
      beyondSeal.merge(call.step, 1, Integer::sum);
    }
  }

  void raced() {
    races++;
  }

  int before(Step step) {
    return before.getOrDefault(step, 0);
  }

  int after(Step step) {
    return after.getOrDefault(step, 0);
  }

  int lost(Step step) {
    return lost.getOrDefault(step, 0);
  }

  int beyondSeal(Step step) {
    return beyondSeal.getOrDefault(step, 0);
  }

  int races() {
    return races;
  }

  @Override
  public String toString() {
    return "paused before "
        + before
        + ", after "
        + after
        + "; answers lost "
        + lost
        + "; late "
        + late
        + ", of these after the seal "
        + beyondSeal
        + "; races "
        + races;
  }
}
