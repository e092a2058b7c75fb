package org.holdfast.stores;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// An s3proxy over a folder: a store that keeps the condition "if absent", and what it has
/// answered, through `kill -9` (not through a loss of power: it does not sync).
///
/// It checks signatures. One thread owns it.
///
/// ```
/// FOLDER/data/BUCKET/...   a bucket is a folder, an object a file
/// FOLDER/s3proxy.properties, logback.xml, log
/// ```
public final class S3ProxyServer implements AutoCloseable {
  private static final String ACCESS_KEY = "holdfast";
  private static final String SECRET_KEY = "holdfast-secret";

  private final Path data;
  private final StoreProcess process;

  private S3ProxyServer(Path data, StoreProcess process) {
    this.data = data;
    this.process = process;
  }

  /// Starts one that keeps everything in the folder, and returns when it answers.
  public static S3ProxyServer start(Path folder) throws IOException, InterruptedException {
    Path data = Files.createDirectories(folder.resolve("data"));
    Path properties = folder.resolve("s3proxy.properties");
    Path logging = folder.resolve("logback.xml");
    StoreProcess process =
        new StoreProcess(
            "s3proxy",
            folder.resolve("log"),
            // It reads each body that is signed as a whole before it stores it.
            List.of("-Xmx512m", "-Dlogback.configurationFile=" + logging),
            List.of("org.gaul.s3proxy.Main", "--properties", properties.toString()));
    Files.writeString(
        properties,
        """
        s3proxy.endpoint=%s
        s3proxy.authorization=aws-v2-or-v4
        s3proxy.identity=%s
        s3proxy.credential=%s
        jclouds.provider=filesystem-nio2
        jclouds.filesystem.basedir=%s
        """
            .formatted(process.endpoint(), ACCESS_KEY, SECRET_KEY, data));
    Files.writeString(
        logging,
        """
        <configuration>
          <appender name="out" class="ch.qos.logback.core.ConsoleAppender">
            <encoder><pattern>%d %level %logger{0} %msg%n</pattern></encoder>
          </appender>
          <root level="WARN"><appender-ref ref="out"/></root>
        </configuration>
        """);
    process.start();
    return new S3ProxyServer(data, process);
  }

  public URI endpoint() {
    return process.endpoint();
  }

  public S3Access access() {
    return new S3Access(endpoint(), S3Access.REGION, ACCESS_KEY, SECRET_KEY);
  }

  /// Makes a bucket; one that is there already is fine.
  public void makeBucket(String bucket) throws IOException {
    Files.createDirectories(bucketFolder(bucket));
  }

  /// Where a bucket's objects are files.
  public Path bucketFolder(String bucket) {
    return data.resolve(bucket);
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
