package org.holdfast.stores;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Adobe's S3Mock over a folder: a store that **breaks** the condition "if absent" when puts race,
/// so that several are told that they created the object. A fixture for what must notice that.
///
/// It checks no signatures. One thread owns it.
public final class S3MockServer implements AutoCloseable {
  private final StoreProcess process;

  private S3MockServer(StoreProcess process) {
    this.process = process;
  }

  /// Starts one that keeps everything in the folder, and returns when it answers.
  public static S3MockServer start(Path folder) throws IOException, InterruptedException {
    Path data = Files.createDirectories(folder.resolve("data"));
    StoreProcess process =
        new StoreProcess(
            "s3mock",
            folder.resolve("log"),
            List.of("-Xmx256m"),
            List.of(
                "com.adobe.testing.s3mock.S3MockApplication",
                "--server.address=127.0.0.1",
                // Its HTTPS, which nobody asks.
                "--server.port=0",
                "--http.port=PORT",
                "--logging.level.root=WARN",
                "--spring.main.banner-mode=off",
                "--com.adobe.testing.s3mock.max-payload-size=100MB",
                "--com.adobe.testing.s3mock.store.root=" + data,
                "--com.adobe.testing.s3mock.store.retain-files-on-exit=true"));
    process.start();
    return new S3MockServer(process);
  }

  public URI endpoint() {
    return process.endpoint();
  }

  public S3Access access() {
    return new S3Access(endpoint(), S3Access.REGION, "any", "thing");
  }

  /// Makes a bucket; one that is there already is fine.
  public void makeBucket(String bucket) throws IOException {
    new PlainS3(access()).makeBucket(bucket);
  }

  /// SIGKILL. Nothing answers until it is started again.
  public void kill() {
    process.kill();
  }

  /// Starts it over the same folder and on the same port, after [#kill()].
  public void startAgain() throws IOException, InterruptedException {
    process.start();
  }

  @Override
  public void close() {
    process.stop();
  }
}
