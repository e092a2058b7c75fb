package org.holdfast.bucket;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.holdfast.core.Invariant;
import org.holdfast.core.Spawner;
import org.holdfast.core.SystemClock;

/// The main class of a second process that writes to the same folder as a test.
///
/// `race FOLDER NAME`: puts its name under each key that it reads as a line, and answers with the
/// result. `die FOLDER PUTS`: four threads put; a line for each object that is acknowledged; after
/// so many of them the process stops where it stands.
final class ChildWriter {
  static final int LENGTH = 4_000_000;

  private ChildWriter() {}

  public static void main(String[] args) throws Exception {
    Bucket bucket = DirectoryBucket.open(Path.of(args[1]), new SystemClock(), new SecureRandom());
    if (args[0].equals("race")) {
      race(bucket, args[2]);
    } else {
      die(bucket, Integer.parseInt(args[2]));
    }
  }

  /// Starts this class in a JVM of its own, with what it needs on its class path.
  static Process start(String... args) throws Exception {
    List<String> path = new ArrayList<>();
    for (Class<?> each : List.of(Bucket.class, ChildWriter.class, Invariant.class)) {
      path.add(
          Path.of(each.getProtectionDomain().getCodeSource().getLocation().toURI()).toString());
    }
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-cp", String.join(":", path), ChildWriter.class.getName()));
    command.addAll(List.of(args));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  /// What is put under a key by a process that dies: every byte depends on the key.
  static byte[] content(String key) {
    byte[] bytes = new byte[LENGTH];
    new Random(key.hashCode()).nextBytes(bytes);
    return bytes;
  }

  private static void race(Bucket bucket, String name) throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, US_ASCII));
    for (String key = in.readLine(); key != null; key = in.readLine()) {
      System.out.println(bucket.putIfAbsent(key, BucketContract.body(name)));
    }
  }

  private static void die(Bucket bucket, int puts) throws Exception {
    AtomicInteger done = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      String folder = "thread" + i + "/";
      threads.add(Spawner.virtual().spawn(folder, () -> putUntilDeath(bucket, folder, done, puts)));
    }
    for (Thread each : threads) {
      each.join();
    }
  }

  private static void putUntilDeath(Bucket bucket, String folder, AtomicInteger done, int puts) {
    for (int i = 0; ; i++) {
      String key = folder + i;
      ByteBuffer content = ByteBuffer.wrap(content(key));
      try {
        bucket.putIfAbsent(key, List.of(content));
      } catch (Exception e) {
        throw new AssertionError(e);
      }
      System.out.println(key);
      if (done.incrementAndGet() == puts) {
        Runtime.getRuntime().halt(9);
      }
    }
  }
}
