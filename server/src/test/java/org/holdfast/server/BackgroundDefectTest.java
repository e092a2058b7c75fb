package org.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.holdfast.bucket.MemoryBucket;
import org.holdfast.core.Clock;
import org.holdfast.core.Spawner;
import org.holdfast.core.SystemClock;
import org.holdfast.server.shard.BackgroundJob;
import org.holdfast.server.shard.BackgroundTimer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackgroundDefectTest {
  @TempDir Path folder;

  private final World world = new World();

  /// Cleaning deletes objects: once it has met what should never happen it must not go on.
  @Test
  void defectOfAJobStopsTheLogAndIsReported() throws Exception {
    List<Throwable> defects =
        List.of(new IllegalStateException("a rule is broken"), new OutOfMemoryError("none left"));
    for (Throwable defect : defects) {
      CompletableFuture<Exception> stopped = new CompletableFuture<>();
      Path state = folder.resolve(defect.getClass().getSimpleName());
      try (Service service =
          Service.own(world.terms(new MemoryBucket()), state, world, stopped::complete)) {
        Clock clock = new SystemClock();
        BackgroundTimer timer =
            BackgroundTimer.start(
                BackgroundJob.CLEANING,
                new Failing(defect),
                service.shard().pacer(),
                clock,
                Spawner.virtual(),
                service.shard()::reportDefect);
        assertThat(stopped.get(60, TimeUnit.SECONDS)).hasMessageContaining(defect.getMessage());
        assertThat(service.shard().defectReport()).isPresent();
        timer.stop();
      }
    }
  }

  private record Failing(Throwable defect) implements BackgroundTimer.Rounds {
    @Override
    public boolean isDue(long sinceMillis) {
      return true;
    }

    @Override
    public boolean round() {
      if (defect instanceof Error error) {
        throw error;
      }
      throw (RuntimeException) defect;
    }

    @Override
    public long pauseMillis() {
      return 10;
    }

    @Override
    public void stop() {}
  }
}
