package org.holdfast.cli.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.holdfast.core.Clock;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Spawner;
import org.holdfast.core.SystemClock;
import org.holdfast.protocol.InviteToken;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.Session;
import org.holdfast.protocol.UnixConnector;
import org.holdfast.server.session.HeapNeed;
import org.holdfast.server.session.Limits;

/// A `holdfast serve` process with small budgets in the smallest heap that it takes for them, and
/// what can be seen of it from outside.
final class LoadedServer implements AutoCloseable {
  static final int SESSIONS = 24;

  private static final int STORE_MIB = 48;
  private static final int FETCH_MIB = 48;
  private static final int HEAP_MIB = 576;

  /// What `docs/operations.md` says of the index and of Java's own memory.
  private static final int INDEX_MIB = 128;

  private static final int JAVA_MIB = 200;

  /// More the process must not have in memory, in bytes.
  static final long RESIDENT_MAX = (long) (HEAP_MIB + INDEX_MIB + JAVA_MIB) << 20;

  static final String RESIDENT_REASON =
      "heap %d + index %d + Java's own %d MiB".formatted(HEAP_MIB, INDEX_MIB, JAVA_MIB);

  private static final Clock CLOCK = new SystemClock();
  private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");
  private static final Pattern GENERATION = Pattern.compile("total \\d+K, used (\\d+)K");

  private final Program.Running running;
  private final int port;
  private final Session operator;

  private LoadedServer(Program.Running running, int port, Session operator) {
    this.running = running;
    this.port = port;
    this.operator = operator;
  }

  /// Starts one on this bucket, which the program may use.
  static LoadedServer start(Program program, Path home, String bucket) throws Exception {
    Files.writeString(
        home.resolve("server.conf"),
        """
        bucket = %s
        state = state
        secrets = secrets
        listen = 127.0.0.1:0
        store-memory = %d
        fetch-memory = %d
        sessions = %d
        """
            .formatted(bucket, STORE_MIB, FETCH_MIB, SESSIONS));
    Program.Running running =
        program
            .javaOptions(Program.LONG_RUN, "-Xmx" + HEAP_MIB + "m")
            .start("serve", "--config", "server.conf", "--port-file", "port");
    running.until(() -> Files.exists(home.resolve("port")));
    int port = Integer.parseInt(Files.readString(home.resolve("port")).strip());
    Session operator =
        Session.open(
            UnixConnector.connect(home.resolve("state/operator.sock")),
            CLOCK,
            Spawner.virtual(),
            "test");
    return new LoadedServer(running, port, operator);
  }

  int port() {
    return port;
  }

  /// A machine in a new account, or one that there is.
  InviteToken invite(String account) throws HoldfastException {
    if (!operate("account", "list").contains(account)) {
      operate("account", "open", account);
    }
    return InviteToken.decode(operate("invite", account).lines().toList().getLast().strip());
  }

  private synchronized String operate(String... words) throws HoldfastException {
    Message.OperateReply reply = operator.operate(List.of(words));
    if (reply.exitCode() != 0) {
      throw new AssertionError(String.join(" ", words) + ": " + reply.output());
    }
    return reply.output();
  }

  Map<String, String> status() throws HoldfastException {
    Map<String, String> figures = new HashMap<>();
    operate("status")
        .lines()
        .forEach(line -> figures.put(line.split(" ", 2)[0], line.split(" ", 2)[1]));
    return figures;
  }

  /// What its budgets say that it holds, in bytes.
  static long heldBytes(Map<String, String> status) {
    return List.of("store", "fetch", "request", "background", "log").stream()
        .mapToLong(name -> Long.parseLong(status.get("memory_" + name + "_bytes")))
        .sum();
  }

  /// What it may hold with all budgets full, with what it needs for itself, in bytes.
  static long needBytes() {
    return new HeapNeed(new Limits((long) STORE_MIB << 20, (long) FETCH_MIB << 20, SESSIONS))
        .bytes();
  }

  boolean isAlive() {
    return running.process().isAlive();
  }

  List<String> errors() {
    return running.errors();
  }

  long residentBytes() throws IOException {
    String status = Files.readString(Path.of("/proc/" + running.process().pid() + "/status"));
    Matcher matcher = RESIDENT.matcher(status);
    if (!matcher.find()) {
      throw new AssertionError("the server has no memory: " + status);
    }
    return Long.parseLong(matcher.group(1)) << 10;
  }

  /// What is left of its heap when Java has thrown out all that it can, in bytes.
  long liveBytes() throws IOException {
    jcmd("GC.run");
    String heap = jcmd("GC.heap_info");
    long bytes = 0;
    Matcher matcher = GENERATION.matcher(heap);
    while (matcher.find()) {
      bytes += Long.parseLong(matcher.group(1)) << 10;
    }
    if (bytes == 0) {
      throw new AssertionError("nothing is known of the heap: " + heap);
    }
    return bytes;
  }

  private String jcmd(String command) throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin/jcmd").toString(),
                "-J-XX:TieredStopAtLevel=1",
                "-J-Xmx64m",
                Long.toString(running.process().pid()),
                command)
            .redirectErrorStream(true)
            .start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    operator.close();
    running.process().destroyForcibly().onExit().join();
  }
}
