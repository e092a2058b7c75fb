package org.holdfast.cli.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.holdfast.stores.FaultProxy;
import org.holdfast.stores.S3Access;
import org.holdfast.stores.S3ProxyServer;
import org.holdfast.stores.Weather;

/// A store in S3 with weather in front of it, and the program as somebody runs it who may use it.
final class S3Service implements AutoCloseable {
  static final String BUCKET = "holdfast";

  private final Program program;
  private final S3ProxyServer store;
  private final FaultProxy proxy;

  private S3Service(Program program, S3ProxyServer store, FaultProxy proxy) {
    this.program = program;
    this.store = store;
    this.proxy = proxy;
  }

  /// With an empty bucket, in a folder of its own in the program's home.
  static S3Service start(Program program, Path home) throws IOException, InterruptedException {
    S3ProxyServer store = S3ProxyServer.start(Files.createDirectories(home.resolve("store")));
    store.makeBucket(BUCKET);
    FaultProxy proxy = FaultProxy.start(store.endpoint(), Weather.CALM);
    S3Access access = store.access().by(proxy.endpoint());
    Program user =
        program
            .with("AWS_ACCESS_KEY_ID", access.accessKey())
            .with("AWS_SECRET_ACCESS_KEY", access.secretKey())
            .with("AWS_REGION", access.region())
            .with("AWS_ENDPOINT_URL", access.endpoint().toString());
    return new S3Service(user, store, proxy);
  }

  Program program() {
    return program;
  }

  S3ProxyServer store() {
    return store;
  }

  FaultProxy proxy() {
    return proxy;
  }

  @Override
  public void close() {
    proxy.close();
    store.close();
  }
}
