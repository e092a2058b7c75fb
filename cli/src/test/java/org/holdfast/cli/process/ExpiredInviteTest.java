package org.holdfast.cli.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import org.holdfast.core.Clock;
import org.holdfast.core.Spawner;
import org.holdfast.core.SystemClock;
import org.holdfast.protocol.Session;
import org.holdfast.protocol.UnixConnector;
import org.holdfast.server.Server;
import org.holdfast.server.ServerConfig;
import org.holdfast.server.shard.ShardStart;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// An invite is made by a server whose clock is two weeks behind, and shown to the real program.
final class ExpiredInviteTest {
  private static final Clock CLOCK = new SystemClock();

  @TempDir Path home;

  @Test
  void anExpiredInviteIsRefusedAndLeavesNothing() throws Exception {
    Files.writeString(
        home.resolve("server.conf"),
        "bucket = dir:bucket\nstate = state\nsecrets = secrets\nlisten = 127.0.0.1:0\n");
    String token = inviteOfTwoWeeksAgo();
    Program program = new Program(home);
    Program.Running server =
        program.serving().start("serve", "--config", "server.conf", "--port-file", "port");
    try {
      server.until(() -> Files.exists(home.resolve("port")));
      String address = "127.0.0.1:" + Files.readString(home.resolve("port")).strip();
      program
          .run(
              "init",
              "--service",
              address,
              "--invite",
              token,
              "--machine",
              "late",
              "--keyfile",
              "key")
          .fails(1, "this invite has expired: ask for another");
      assertThat(home.resolve("key")).doesNotExist();
      assertThat(home.resolve("key.unfinished")).doesNotExist();
    } finally {
      server.process().destroyForcibly().waitFor();
    }
  }

  private String inviteOfTwoWeeksAgo() throws Exception {
    ServerConfig config = ServerConfig.read(home.resolve("server.conf"), Map.of());
    try (Server _ =
            Server.start(
                config,
                new Late(),
                Spawner.virtual(),
                new SecureRandom(),
                ShardStart.Listener.NONE,
                _ -> {});
        Session session =
            Session.open(UnixConnector.connect(config.socket()), CLOCK, Spawner.virtual(), "t")) {
      session.operate(List.of("account", "open", "acme"));
      return session.operate(List.of("invite", "acme")).output().strip();
    }
  }

  private static final class Late implements Clock {
    private static final long LATE_MILLIS = 14L * 24 * 3600 * 1000;

    @Override
    public long wallMillis() {
      return CLOCK.wallMillis() - LATE_MILLIS;
    }

    @Override
    public long nanos() {
      return CLOCK.nanos();
    }

    @Override
    public void sleepMillis(long millis) throws InterruptedException {
      CLOCK.sleepMillis(millis);
    }
  }
}
