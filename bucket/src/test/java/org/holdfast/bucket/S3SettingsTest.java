package org.holdfast.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.Map;
import org.holdfast.core.RefusedException;
import org.junit.jupiter.api.Test;

final class S3SettingsTest {
  @Test
  void whatIsSetIsRead() throws Exception {
    S3Settings settings =
        S3Settings.read(
            Map.of(
                "s3-endpoint", "http://127.0.0.1:9000",
                "s3-region", " eu-west-1 ",
                "s3-path-style", "false",
                "s3-storage-class", "STANDARD_IA",
                "s3-concurrency", "200",
                "s3-prices", "1,2,0.5",
                "single-writer", "true"),
            "f",
            Map.of());
    assertThat(settings.endpoint()).contains(URI.create("http://127.0.0.1:9000"));
    assertThat(settings.region()).contains("eu-west-1");
    assertThat(settings.pathStyle()).contains(false);
    assertThat(settings.storageClass()).contains("STANDARD_IA");
    assertThat(settings.concurrency()).isEqualTo(200);
    assertThat(settings.prices()).isEqualTo(new S3Settings.Prices(1, 2, 0.5));
    assertThat(settings.singleWriter()).isTrue();
    assertThat(settings.attemptTimeoutMillis())
        .isEqualTo(S3Settings.of(Map.of()).attemptTimeoutMillis());
  }

  @Test
  void whatMakesNoSenseIsRefusedByName() {
    Map<String, String> wrong =
        Map.of(
            "s3-endpoint", "localhost:9000",
            "s3-path-style", "yes",
            "s3-connect-timeout", "0",
            "s3-retry-time", "soon",
            "s3-concurrency", "2",
            "s3-prices", "1,2",
            "single-writer", "1");
    wrong.forEach((name, value) ->
        assertThatThrownBy(() -> S3Settings.read(Map.of(name, value), "the.config", Map.of()))
            .as(name)
            .isInstanceOf(RefusedException.class)
            .hasMessageContaining("the.config")
            .hasMessageContaining(value));
  }
}
