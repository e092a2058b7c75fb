package org.holdfast.cli.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.holdfast.stores.Fault;
import org.holdfast.stores.Weather;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `holdfast try` holds on a bucket in S3 in the worst weather that there is a name for.
final class S3TryTest {
  private static final Weather WORST =
      Weather.CALM
          .withSeed(11)
          .withLatency(20, 300)
          .with(Fault.RESET, 0.02)
          .with(Fault.CUT, 0.02)
          .with(Fault.INTERNAL_ERROR, 0.03)
          .with(Fault.SLOW_DOWN, 0.03)
          .with(Fault.LOST_ANSWER, 0.01)
          .withDrip(0.002, 200)
          .withStorm(3_000, 1_000, 20_000)
          .withPrefixLimit(1, 60);

  @TempDir Path home;

  @Test
  void theWholeStoryHoldsInTheWorstWeather() throws Exception {
    Path tree = Files.createDirectories(home.resolve("tree/docs"));
    for (int i = 0; i < 50; i++) {
      Files.writeString(tree.resolve("note " + i), "text ".repeat(i * 100));
    }
    try (S3Service service = S3Service.start(new Program(home).movingMuch().lasting(1200), home)) {
      service.proxy().weather(WORST);
      Program.Outcome outcome =
          service
              .program()
              .run("try", "--bucket", "s3://" + S3Service.BUCKET + "/try", tree.toString())
              .succeeds();
      assertThat(outcome.last()).isEqualTo("all of it held");
      assertThat(service.proxy().counts().faults())
          .containsKeys(
              Fault.RESET,
              Fault.CUT,
              Fault.INTERNAL_ERROR,
              Fault.SLOW_DOWN,
              Fault.LOST_ANSWER,
              Fault.STORM,
              Fault.PREFIX_LIMIT);
    }
  }
}
