package org.holdfast.stores;

import java.io.File;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.holdfast.core.Clock;
import org.holdfast.core.Invariant;
import org.holdfast.core.Spawner;
import org.holdfast.core.SystemClock;
import org.jspecify.annotations.Nullable;

/// A store that runs as a Java process of its own, on a loopback port that stays its own over
/// restarts. One thread owns it.
final class StoreProcess {
  /// A busy machine takes ten times as long as an idle one.
  private static final long START_MILLIS = 120_000;

  private static final long POLL_MILLIS = 50;
  private static final int ANSWER_MILLIS = 5_000;
  private static final long STOP_SECONDS = 10;

  /// Ports below those that the kernel gives to outgoing connections, which could take a store's
  /// port while it is down.
  private static final int FIRST_PORT = 20_000;

  private static final int PORTS = 12_000;

  /// Processes that run at the same time begin to look at different places.
  private static final AtomicInteger NEXT_PORT =
      new AtomicInteger((int) (ProcessHandle.current().pid() * 97 % PORTS));

  private final Clock clock = new SystemClock();
  private final String name;
  private final int port;
  private final List<String> command;
  private final Path log;
  private @Nullable Process process;

  /// A store by the name of its module, with options for Java, and its main class with arguments,
  /// in which `PORT` stands for the port.
  StoreProcess(String name, Path log, List<String> javaOptions, List<String> main)
      throws IOException {
    this.name = name;
    this.log = log;
    this.port = freePort();
    this.command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"));
    command.addAll(javaOptions);
    command.addAll(List.of("-cp", classPath(name), Leash.class.getName()));
    main.forEach(word -> command.add(word.replace("PORT", Integer.toString(port))));
  }

  URI endpoint() {
    return URI.create("http://127.0.0.1:" + port);
  }

  /// Starts it, and returns when it answers.
  void start() throws IOException, InterruptedException {
    Invariant.check(process == null, name + " is started once at a time");
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    Process started = builder.start();
    process = started;
    long deadline = clock.nanos() + START_MILLIS * 1_000_000;
    while (!answers()) {
      boolean late = clock.nanos() > deadline;
      if (late || !started.isAlive()) {
        kill();
        String why = late ? " does not answer" : " ended at once";
        throw new IOException(name + why + ": " + Files.readString(log));
      }
      clock.sleepMillis(POLL_MILLIS);
    }
  }

  /// Whatever it answers: that it does is enough.
  private boolean answers() throws IOException {
    HttpURLConnection connection = (HttpURLConnection) endpoint().toURL().openConnection();
    connection.setConnectTimeout(ANSWER_MILLIS);
    connection.setReadTimeout(ANSWER_MILLIS);
    try {
      return connection.getResponseCode() > 0;
    } catch (IOException e) {
      return false;
    } finally {
      connection.disconnect();
    }
  }

  /// Asks it to end, and sees to it.
  void stop() {
    Process running = process;
    if (running != null) {
      running.destroy();
      running.onExit().completeOnTimeout(running, STOP_SECONDS, TimeUnit.SECONDS).join();
      kill();
    }
  }

  /// SIGKILL.
  void kill() {
    Process running = process;
    if (running != null) {
      running.destroyForcibly().onExit().join();
      process = null;
    }
  }

  /// The class path that Maven has written down for the store, and what [Leash] needs.
  private static String classPath(String name) throws IOException {
    Path own = home(StoreProcess.class);
    Path file = root().resolve("stores").resolve(name).resolve("target").resolve("classpath");
    if (!Files.exists(file)) {
      throw new IOException(
          "%s is missing: run mvn -pl stores/%s generate-resources".formatted(file, name));
    }
    return String.join(
        File.pathSeparator,
        Files.readString(file).strip(),
        own.toString(),
        home(Spawner.class).toString());
  }

  /// The project's folder, where this module is built.
  static Path root() {
    return home(StoreProcess.class).resolveSibling("..").resolve("..").normalize();
  }

  /// The folder or jar that a class is from.
  private static Path home(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException("a class is from a file", e);
    }
  }

  private static int freePort() throws IOException {
    for (int tried = 0; tried < PORTS; tried++) {
      int port = FIRST_PORT + Math.floorMod(NEXT_PORT.getAndIncrement(), PORTS);
      try (ServerSocket socket = new ServerSocket()) {
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return port;
      } catch (IOException e) {
        // Taken.
      }
    }
    throw new IOException("no free port between " + FIRST_PORT + " and " + (FIRST_PORT + PORTS));
  }
}
