package org.holdfast.cli.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Two real servers of a service, of which the owner is killed again and again, also while a backup
/// is under way (`docs/standby.md`).
///
/// ```
/// mvn -pl cli -am -Dtest=PairTest -Dsurefire.failIfNoSpecifiedTests=false -Dpair.rounds=100 test
/// ```
final class PairTest {
  private static final int ROUNDS = Integer.getInteger("pair.rounds", 2);
  private static final long SEED = Long.getLong("pair.seed", System.nanoTime() & 0xffffff);

  @TempDir Path home;

  private final SplittableRandom random = new SplittableRandom(SEED);
  private final int[] ports = new int[2];
  private final List<Program.Running> servers = new ArrayList<>();

  /// Archives that a client was told of.
  private final List<String> acknowledged = new ArrayList<>();

  private Program program;

  @BeforeEach
  void startBoth() throws Exception {
    program = new Program(home);
    for (int i = 0; i < 2; i++) {
      try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        ports[i] = socket.getLocalPort();
      }
    }
    servers.add(start(0, "serve"));
    servers.add(start(1, "standby"));
    operate(0, "account", "open", "acme").succeeds();
    String token = operate(0, "invite", "acme").succeeds().last();
    // The standby is asked first, and passed over.
    program
        .run(
            "init",
            "--service",
            at(1),
            "--service",
            at(0),
            "--invite",
            token,
            "--machine",
            "laptop")
        .succeeds();
    Files.createDirectories(home.resolve("tree"));
    Files.write(home.resolve("tree/large"), bytes(3_000_000));
  }

  @AfterEach
  void killBoth() throws Exception {
    for (Program.Running server : servers) {
      server.process().destroyForcibly().waitFor();
    }
  }

  @Test
  void whatWasAcknowledgedIsThereWhicheverServerIsKilled() throws Exception {
    backUp("first");
    int owner = 0;
    for (int round = 0; round < ROUNDS; round++) {
      awaitFollowed(1 - owner);
      boolean isBusy = round % 2 == 1;
      Optional<Program.Running> backup =
          isBusy ? Optional.of(startBackup("cut off " + round)) : Optional.empty();
      var _ =
          servers
              .get(owner)
              .process()
              .waitFor(random.nextLong(isBusy ? 1500 : 100), TimeUnit.MILLISECONDS);
      servers.get(owner).process().destroyForcibly().waitFor();
      long killed = System.nanoTime();
      if (backup.isPresent() && backup.get().end().exitCode() == 0) {
        acknowledged.add("cut off " + round);
      }
      restore(acknowledged.getLast());
      long restored = System.nanoTime();
      backUp("after " + round);
      System.out.printf(
          "PAIR seed %d round %d: restored after %d ms, acknowledged after %d ms%n",
          SEED, round, millis(killed, restored), millis(killed, System.nanoTime()));
      assertThat(status(1 - owner)).contains("\"role\":\"owner\"");
      // It finds out that the other one has the log.
      servers.set(owner, start(owner, "serve"));
      assertThat(status(owner)).contains("\"role\":\"standby\"");
      owner = 1 - owner;
      if (round == 0) {
        operate(1 - owner, "take-over").succeeds();
        owner = 1 - owner;
        awaitRole(1 - owner, "standby");
        backUp("on command");
      }
    }
    List<String> listed = program.run("archives").succeeds().output();
    for (String name : acknowledged) {
      assertThat(listed).as(name).anyMatch(line -> line.endsWith("  " + name));
      restore(name);
    }
    assertThat(operate(owner, "status", "--json").succeeds().last()).contains("\"lost_blocks\":0");
  }

  private static long millis(long from, long to) {
    return TimeUnit.NANOSECONDS.toMillis(to - from);
  }

  private String at(int server) {
    return "127.0.0.1:" + ports[server];
  }

  private Program.Running start(int server, String command) throws Exception {
    Path config = home.resolve("server" + server + ".conf");
    Files.writeString(
        config,
        """
        bucket = dir:bucket
        state = state%d
        secrets = secrets
        listen = 127.0.0.1:%d
        partner = 127.0.0.1:%d
        take-over-after = 2
        """
            .formatted(server, ports[server], ports[1 - server]));
    Program.Running running =
        program.serving().lasting(3600).start(command, "--config", config.toString());
    running.until(() -> running.errors().stream().anyMatch(line -> line.startsWith("ready: ")));
    return running;
  }

  private Program.Outcome operate(int server, String... words) throws Exception {
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--config", home.resolve("server" + server + ".conf").toString()));
    return program.run(all.toArray(String[]::new));
  }

  private String status(int server) throws Exception {
    return operate(server, "status", "--json").succeeds().last();
  }

  private void awaitRole(int server, String role) throws Exception {
    // While it starts again nobody answers.
    servers
        .get(server)
        .until(() -> {
          Program.Outcome asked = operate(server, "status", "--json");
          return asked.exitCode() == 0 && asked.last().contains("\"role\":\"" + role + "\"");
        });
  }

  /// Until the standby knows the last archive: a restore asks for it right after the owner's end.
  private void awaitFollowed(int standby) throws Exception {
    String digest = digest(status(1 - standby));
    servers.get(standby).until(() -> digest(status(standby)).equals(digest));
  }

  private static String digest(String status) {
    int at = status.indexOf("\"digest\":\"");
    return status.substring(at, status.indexOf(',', at));
  }

  private byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private Program.Running startBackup(String name) throws Exception {
    Files.write(home.resolve("tree/" + name.replace(' ', '-')), bytes(2_000_000));
    return program.movingMuch().start("backup", "--quiet", "--name", name, "tree");
  }

  private void backUp(String name) throws Exception {
    startBackup(name).end().succeeds();
    acknowledged.add(name);
  }

  private void restore(String name) throws Exception {
    Path target = Files.createTempDirectory(home, "back");
    program.movingMuch().run("restore", "--quiet", name, "--target", target.toString()).succeeds();
    Path large = target.resolve(home.resolve("tree/large").toString().substring(1));
    assertThat(Files.mismatch(home.resolve("tree/large"), large)).isEqualTo(-1);
  }
}
