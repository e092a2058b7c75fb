package org.holdfast.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Spawner;
import org.holdfast.protocol.Session;
import org.holdfast.protocol.UnixConnector;
import org.holdfast.server.Server;
import org.holdfast.server.ServerConfig;
import org.holdfast.server.shard.ShardStart;

/// The whole server, in this process and on a calendar of its own, so that days can pass in no
/// time; clients are processes and reach it through a relay.
final class CalendarServer implements AutoCloseable {
  private static final long HOUR_MILLIS = 3_600_000;

  /// How often it is asked how far it is, and how long nothing must have changed.
  private static final long POLL_MILLIS = 100;

  private static final int QUIET_POLLS = 10;

  private final Path folder;
  private final Calendar calendar;
  private final Server server;
  private final Relay relay;

  private CalendarServer(Path folder, Calendar calendar, Server server, Relay relay) {
    this.folder = folder;
    this.calendar = calendar;
    this.server = server;
    this.relay = relay;
  }

  /// With all that it has in `folder`, and these lines in its config besides.
  static CalendarServer start(Path folder, String... more) throws IOException, HoldfastException {
    Path config = config(folder);
    Files.writeString(
        config,
        """
        bucket = dir:bucket
        state = state
        secrets = secrets
        listen = 127.0.0.1:0
        grace-days = 0
        """
            + String.join("\n", more)
            + "\n");
    Calendar calendar = new Calendar();
    Server server =
        Server.start(
            ServerConfig.read(config, Map.of()),
            calendar,
            Spawner.virtual(),
            new SecureRandom(),
            ShardStart.Listener.NONE,
            stopped -> System.err.println("stopped: " + stopped));
    return new CalendarServer(folder, calendar, server, Relay.to(server.port()));
  }

  static Path config(Path folder) {
    return folder.resolve("server.conf");
  }

  String address() {
    return "127.0.0.1:" + relay.port();
  }

  /// Past the relay, without its cost.
  int port() {
    return server.port();
  }

  void skip(long millis) {
    calendar.skip(millis);
  }

  /// Bytes between clients and server, both ways.
  long relayedBytes() {
    return relay.bytes();
  }

  long bucketBytes() throws IOException {
    return Folders.size(folder.resolve("bucket")).bytes();
  }

  /// Lets a day pass, and waits until nothing is left to be done in the background.
  Status nextDay() throws HoldfastException, InterruptedException {
    calendar.skip(24 * HOUR_MILLIS);
    Status before = new Status(Map.of());
    for (int quiet = 0; quiet < QUIET_POLLS; ) {
      Thread.sleep(POLL_MILLIS);
      calendar.skip(HOUR_MILLIS / 20);
      Status now = status();
      boolean isQuiet =
          now.get("transactions_to_free") == 0
              && now.get("kept_bytes") == before.get("kept_bytes")
              && now.get("moved_bytes") == before.get("moved_bytes");
      quiet = isQuiet ? quiet + 1 : 0;
      before = now;
    }
    return before;
  }

  Status status() throws HoldfastException {
    Map<String, Long> values = new HashMap<>();
    for (String line : operate("status").lines().toList()) {
      String[] words = line.split(" ", 2);
      if (words[1].matches("\\d{1,18}")) {
        values.put(words[0], Long.parseLong(words[1]));
      }
    }
    return new Status(values);
  }

  /// What the operator's command says.
  String operate(String... words) throws HoldfastException {
    try (Session session =
        Session.open(
            UnixConnector.connect(folder.resolve("state/operator.sock")),
            calendar,
            Spawner.virtual(),
            "bench")) {
      return session.operate(List.of(words)).output();
    }
  }

  @Override
  public void close() throws HoldfastException, IOException {
    server.close();
    relay.close();
  }

  /// The numbers of a `status`; 0 for what it does not say.
  record Status(Map<String, Long> values) {
    long get(String name) {
      return values.getOrDefault(name, 0L);
    }
  }
}
