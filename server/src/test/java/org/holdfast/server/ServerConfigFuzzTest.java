package org.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import org.holdfast.bucket.BucketAddress;
import org.holdfast.bucket.S3Settings;
import org.holdfast.core.FuzzContract;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.server.session.Limits;

/// A server's config file. Whatever is read is within its bounds, and its bucket's address is read
/// as what it was written from.
final class ServerConfigFuzzTest extends FuzzContract {
  private static final Path FILE = Path.of("/etc/holdfast/server.conf");

  @Override
  protected List<byte[]> seeds() {
    return List.of(
        """
        bucket = dir:../store
        state = /var/lib/holdfast
        secrets = secrets.txt
        listen = [::1]:7420
        socket = operator.sock
        commit-linger = 5
        store-memory = 128
        fetch-memory = 64
        sessions = 500
        """
            .getBytes(StandardCharsets.UTF_8),
        """
        # Comment
        bucket: s3://backup/some/prefix
        state=st\\u0061te
        secrets=secrets\\
          .txt
        s3-endpoint=http://[::1]:9000/
        s3-region=eu-west-1
        s3-profile=p
        s3-path-style=true
        s3-storage-class=STANDARD
        s3-connect-timeout=100
        s3-attempt-timeout=600000
        s3-least-rate=1
        s3-retry-time=0
        s3-concurrency=4
        s3-prices=0.005,0.0004,1e-3
        single-writer=false
        """
            .getBytes(StandardCharsets.UTF_8));
  }

  @Override
  protected Class<? extends HoldfastException> refusal() {
    return RefusedException.class;
  }

  @Override
  protected int rounds() {
    return 2_000;
  }

  @Override
  protected void parse(byte[] input) throws Exception {
    String text = new String(input, StandardCharsets.UTF_8);
    ServerConfig config = ServerConfig.parse(text, FILE, Map.of());
    assertThat(config.port()).isBetween(0, 65_535);
    assertThat(config.host()).isNotEmpty();
    assertThat(config.lingerMillis()).isBetween(0L, 10_000L);
    assertThat(config.limits().storeBytes()).isBetween(Limits.BYTES_MIN, 1L << 40);
    assertThat(config.limits().fetchBytes()).isBetween(Limits.BYTES_MIN, 1L << 40);
    assertThat(config.limits().sessions()).isBetween(1, 100_000);
    assertThat(List.of(config.state(), config.secrets(), config.socket()))
        .allMatch(Path::isAbsolute);
    assertThat(BucketAddress.parse(config.bucket().toString())).isEqualTo(config.bucket());
    S3Settings s3 = config.s3();
    assertThat(s3.concurrency()).isBetween(4, 1_024);
    S3Settings.Prices prices = s3.prices();
    assertThat(
            DoubleStream.of(prices.thousandPuts(), prices.thousandGets(), prices.gigabyteMonth()))
        .allMatch(price -> price >= 0 && Double.isFinite(price));
  }
}
