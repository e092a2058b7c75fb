package org.holdfast.cli.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/// Re-enacts 2023-instance: a machine is moved while it backs up, and holds data; the server's
/// machine is lost with its disk; recovery is killed again and again and resumed, stops at a check,
/// and goes on without it because somebody says so.
final class LostInstance {
  private static final long LONGEST_MILLIS = 2_500;
  private static final String MOVED = "machine0";

  private LostInstance() {}

  /// Plays for so long, with a service each time, and one at least; so many kills of each recovery.
  /// Answers what there is to tell; throws an [AssertionError] if something does not hold.
  static String play(Path home, int seconds, int kills, long seed) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    SplittableRandom random = new SplittableRandom(seed);
    int instances = 0;
    int archives = 0;
    do {
      Path life = Files.createDirectories(home.resolve("life" + instances++));
      try (RecoveredService service = RecoveredService.start(life, random.split())) {
        service.operate("account", "open", "globex");
        service.backUp("first");
        lose(service, kills, random);
        service.backUp("last");
        archives += service.check(Integer.MAX_VALUE);
      } catch (Exception | AssertionError e) {
        throw new AssertionError(
            "seed %d, life %d: %s".formatted(seed, instances, e.getMessage()), e);
      }
      KillMachine.delete(life);
    } while (System.nanoTime() < end);
    return "holds: seed %d, %d services rebuilt twice, %d archives restored exactly"
        .formatted(seed, instances, archives);
  }

  private static void lose(RecoveredService service, int kills, SplittableRandom random)
      throws Exception {
    KillService server = service.service();
    var backups = service.begin("moved");
    backups.getFirst().await(random.nextLong(LONGEST_MILLIS));
    service.operate("machine", "move", MOVED, "globex");
    checkOwner(service);
    backups.getFirst().await(random.nextLong(LONGEST_MILLIS));
    server.kill();
    service.end(backups);
    KillMachine.delete(server.state());
    rebuild(server, kills, random);
    // Proven by a start that replays nothing, and by what clients see.
    server.start();
    checkOwner(service);
    service.check(1);
    service.backUp("after");
    server.kill();
    override(server, random);
    server.start();
    checkOwner(service);
    assertThat(service.operate("status"))
        .as("what was overridden is told")
        .anyMatch(line -> line.startsWith("overrides ") && line.contains(" owner: record "));
    service.check(1);
  }

  /// Which is killed so many times, at any moment, and each time resumed.
  private static void rebuild(KillService server, int kills, SplittableRandom random)
      throws Exception {
    for (int i = 0; i < kills; i++) {
      Program.Running cut = i == 0 ? server.rebuild() : server.rebuild("--resume");
      if (i == 0) {
        awaitHeaders(server, cut.process());
        cut.process().destroyForcibly().waitFor();
      } else if (!cut.process().waitFor(random.nextLong(LONGEST_MILLIS), TimeUnit.MILLISECONDS)) {
        cut.process().destroyForcibly().waitFor();
      }
    }
    Program.Outcome made = server.rebuild("--resume").end().succeeds();
    assertThat(made.last()).startsWith("rebuilt ").doesNotContain("otherwise");
    assertThat(made.errors()).as("what was read before counts").isEmpty();
  }

  /// Until some are on the disk, or it has ended before anybody saw them.
  private static void awaitHeaders(KillService server, Process rebuild) throws Exception {
    Path headers = server.state().resolve("rebuild/headers");
    while (!Files.exists(headers) || Files.size(headers) == 0) {
      if (rebuild.waitFor(2, TimeUnit.MILLISECONDS)) {
        return;
      }
    }
  }

  /// A check stops recovery, and is overridden.
  private static void override(KillService server, SplittableRandom random) throws Exception {
    long strange = new StrangeLog(server.config()).end(MOVED);
    KillMachine.delete(server.state());
    Program.Outcome stopped = server.rebuild().end();
    assertThat(stopped.exitCode()).isEqualTo(1);
    assertThat(stopped.errors().getLast())
        .startsWith("holdfast: record " + strange + " of shard 0 does not fit the state")
        .contains("(account of a machine)", "`holdfast rebuild --override owner`");
    assertThat(server.state().resolve("index")).as("nothing is put in place").doesNotExist();
    Program.Outcome other = server.rebuild("--override", "digest").end();
    assertThat(other.exitCode()).as("the check that stops is not that one").isEqualTo(1);
    server.rebuild("--override", "everything").end().fails(1, "there are lost-end, digest, owner");
    Program.Running cut = server.rebuild("--resume", "--override", "owner");
    if (!cut.process().waitFor(random.nextLong(LONGEST_MILLIS), TimeUnit.MILLISECONDS)) {
      cut.process().destroyForcibly().waitFor();
    }
    Program.Outcome made = server.rebuild("--resume", "--override", "owner").end().succeeds();
    assertThat(made.errors())
        .anyMatch(line -> line.contains("overridden: ") && line.contains(" owner: record "));
    assertThat(Files.readAllLines(server.state().resolve("overrides")))
        .isNotEmpty()
        .allMatch(line -> line.contains(" owner: record "));
  }

  private static void checkOwner(RecoveredService service) throws Exception {
    assertThat(service.operate("machine", "list"))
        .anyMatch(line -> line.contains(" " + MOVED + " ") && line.endsWith(" of globex"))
        .anyMatch(line -> !line.contains(MOVED) && line.endsWith(" of acme"));
  }

  /// With a folder and seconds.
  public static void main(String[] words) throws Exception {
    try {
      System.out.println(
          "2023-instance: " + play(Path.of(words[0]), Integer.parseInt(words[1]), 3, 1));
      System.exit(0);
    } catch (AssertionError e) {
      System.out.println("2023-instance: FAILS: " + e.getMessage());
      System.exit(1);
    }
  }
}
