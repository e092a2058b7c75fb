package org.holdfast.cli.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/// One service from its first start to a last check of everything, with some rounds of kills
/// between them. See [KillTest].
final class KillLife implements AutoCloseable {
  private static final int MACHINES = 3;
  private static final long LONGEST_MILLIS = 240_000;

  private final Path home;
  private final SplittableRandom moments;
  private final SplittableRandom choices;
  private final KillService service;
  private final List<KillMachine> machines = new ArrayList<>();
  private final TreeMap<String, Integer> counts;

  /// What has happened so far in this round.
  private final StringBuilder happened = new StringBuilder();

  KillLife(Path home, Program program, String bucket, long seed, TreeMap<String, Integer> counts)
      throws Exception {
    SplittableRandom random = new SplittableRandom(seed);
    this.home = home;
    this.counts = counts;
    this.moments = random.split();
    this.choices = random.split();
    this.service = new KillService(home, program, bucket);
    try {
      service.start();
      service.operate("account", "open", "acme").end().succeeds();
      register(program, random);
    } catch (Exception | AssertionError e) {
      service.close();
      throw e;
    }
  }

  private void register(Program program, SplittableRandom random) throws Exception {
    List<Program.Running> invites = new ArrayList<>();
    List<Program.Running> inits = new ArrayList<>();
    for (int i = 0; i < MACHINES; i++) {
      invites.add(service.operate("invite", "acme"));
    }
    for (int i = 0; i < MACHINES; i++) {
      String name = "machine" + i;
      Path folder = Files.createDirectories(home.resolve(name));
      Program client = program.in(folder);
      int port = service.relay().port();
      String token = invites.get(i).end().succeeds().last();
      inits.add(
          client.start(
              "init", "--service", "127.0.0.1:" + port, "--invite", token, "--machine", name));
      machines.add(new KillMachine(new KillHome(folder, port), client, i == 0, random.split()));
    }
    for (int i = 0; i < MACHINES; i++) {
      inits.get(i).end().succeeds();
      learn(machines.get(i), "first");
    }
  }

  /// What happened in the round that runs, or was the last.
  String happened() {
    return happened.toString();
  }

  /// Trees change, backups run, something is killed, everything is looked at.
  void round(int round) throws Exception {
    happened.setLength(0);
    Event event = Event.values()[choices.nextInt(Event.values().length)];
    tell(event.toString());
    KillMachine first = machines.get(choices.nextInt(MACHINES));
    List<KillMachine> busy = new ArrayList<>(List.of(first));
    if (choices.nextInt(3) == 0) {
      busy.add(machines.get((machines.indexOf(first) + 1) % MACHINES));
    }
    if (choices.nextInt(30) == 0) {
      tell("cache lost");
      first.loseCache();
    }
    List<KillMachine.Backup> backups = new ArrayList<>();
    for (KillMachine machine : busy) {
      machine.tree().change();
      backups.add(machine.start("round " + round));
    }
    awaitMoment(backups.getFirst());
    happen(event, backups, round);
    end(event, backups);
    startAgain();
    for (KillMachine machine : busy) {
      check(machine);
    }
    if (choices.nextBoolean()) {
      tell("backup again");
      learn(first, "again " + round);
    }
    if (choices.nextInt(10) == 0) {
      killRestore(first);
    }
  }

  /// A backup that is left alone, to learn what that takes.
  private void learn(KillMachine machine, String name) throws Exception {
    machine.tree().change();
    long before = service.relay().answers();
    KillMachine.Backup backup = machine.start(name);
    long start = System.nanoTime();
    succeed(backup);
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    machine.learn(new KillMachine.Course(millis, service.relay().answers() - before));
  }

  /// A time, or a number of answers: they lie close together where the conversation has its steps,
  /// and are far apart while data is sent. Half are about the commit or just behind it.
  private void awaitMoment(KillMachine.Backup backup) throws Exception {
    KillMachine.Course course = backup.machine().course(moments);
    int way = moments.nextInt(4);
    if (way == 0) {
      tell("at the end");
      backup.await(LONGEST_MILLIS);
      return;
    }
    if (way == 1) {
      long millis = moments.nextLong(course.millis() * 9 / 8 + 1);
      tell(millis + " ms");
      backup.await(millis);
      return;
    }
    long answers =
        way == 2
            ? moments.nextLong(course.answers() + 2)
            : Math.max(0, course.answers() - moments.nextLong(4));
    long more = moments.nextLong(20);
    tell(answers + " answers and " + more + " ms");
    service.relay().await(service.relay().answers() + answers, backup.code()::isDone);
    backup.await(more);
  }

  private void happen(Event event, List<KillMachine.Backup> backups, int round) throws Exception {
    KillMachine.Backup client = backups.getFirst();
    switch (event) {
      case NOTHING -> {}
      case CLIENT_KILLED -> client.process().destroyForcibly();
      case CLIENT_TERMINATED -> client.process().destroy();
      case SERVER_KILLED -> service.kill();
      case SERVER_KILLED_AND_BACK -> {
        service.kill();
        service.start();
      }
      case SERVER_TERMINATED -> service.stop();
      case BOTH_KILLED -> {
        client.process().destroyForcibly();
        service.kill();
      }
      case SERVER_PAUSED -> pause(service.server().process(), client);
      case CLIENT_PAUSED -> pause(client.process(), client);
      case PAUSED_AND_KILLED -> {
        pause(client.process(), client);
        service.kill();
      }
      case SERVER_REPLACED -> replace(backups, round, true);
      case SERVER_JOINED -> replace(backups, round, false);
    }
  }

  private void pause(Process paused, KillMachine.Backup backup) throws Exception {
    if (paused.isAlive()) {
      signal(paused, "STOP");
      backup.await(moments.nextLong(800));
      signal(paused, "CONT");
    }
  }

  /// To a process that may have ended.
  private static void signal(Process process, String name) throws Exception {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
        .redirectErrorStream(true)
        .start()
        .waitFor();
  }

  /// Another server takes over while backups run with the first, which may sleep meanwhile and does
  /// not know it. A machine backs up with the second one when the first wakes up.
  private void replace(List<KillMachine.Backup> backups, int round, boolean isPaused)
      throws Exception {
    if (isPaused) {
      signal(service.server().process(), "STOP");
    }
    Program.Running former = service.takeOver();
    KillMachine third = machines.get(MACHINES - 1);
    boolean isFree = backups.stream().noneMatch(each -> each.machine() == third);
    if (isFree) {
      third.tree().change();
      KillMachine.Backup backup = third.start("third " + round);
      backups.add(backup);
      backup.await(moments.nextLong(third.course(moments).millis() + 1));
    }
    if (isPaused) {
      signal(former.process(), "CONT");
    }
    for (KillMachine.Backup backup : backups) {
      backup.end();
    }
    if (moments.nextBoolean()) {
      former.process().destroyForcibly().waitFor();
      KillService.checkEnded(former, false);
    } else {
      former.process().destroy();
      KillService.awaitStop(former);
    }
  }

  private void end(Event event, List<KillMachine.Backup> backups) throws Exception {
    for (KillMachine.Backup backup : backups) {
      int code = backup.end();
      tell(backup.machine() + " ended with " + code);
      counts.merge("exit code " + code, 1, Integer::sum);
      assertThat(event.codes)
          .as("%s: %s", backup, Files.readAllLines(backup.errors()))
          .contains(code);
    }
    if (event.isOfClient) {
      // With nothing left to do it takes a while to end, and takes no backup any more.
      backups.getFirst().process().waitFor();
    }
  }

  /// Whatever is left becomes a service again.
  private void startAgain() throws Exception {
    if (service.isRunning() && choices.nextInt(4) > 0) {
      return;
    }
    service.kill();
    String disk = service.disturbDisk(choices);
    tell(disk);
    counts.merge(disk.isEmpty() ? "disk as it was" : disk, 1, Integer::sum);
    while (choices.nextInt(4) == 0) {
      tell("start killed");
      counts.merge("start killed", 1, Integer::sum);
      var _ = service.begin().process().waitFor(moments.nextLong(1_500), TimeUnit.MILLISECONDS);
      service.kill();
    }
    service.start();
    if (choices.nextInt(10) == 0) {
      compare();
    }
  }

  private void compare() throws Exception {
    tell("compare");
    if (choices.nextBoolean()) {
      service.stop();
    } else {
      service.kill();
    }
    service.compare();
    service.start();
  }

  private void check(KillMachine machine) throws Exception {
    machine.check();
    List<String> listed = machine.listed();
    if (!listed.isEmpty()) {
      List<String> restored = new ArrayList<>(List.of(listed.getLast()));
      if (choices.nextBoolean()) {
        restored.add(listed.get(choices.nextInt(listed.size())));
      }
      machine.checkRestores(restored);
    }
  }

  private static void succeed(KillMachine.Backup backup) throws Exception {
    int code = backup.end();
    assertThat(code).as("%s: %s", backup, Files.readAllLines(backup.errors())).isZero();
    backup.machine().check();
  }

  /// A restore that is killed, and gone on with.
  private void killRestore(KillMachine machine) throws Exception {
    if (machine.listed().isEmpty()) {
      return;
    }
    tell("restore killed");
    counts.merge("restore killed", 1, Integer::sum);
    String name = machine.listed().get(choices.nextInt(machine.listed().size()));
    machine.emptyTarget();
    Program.Running restore = machine.startRestore(name, false);
    if (!restore.process().waitFor(moments.nextLong(2_000), TimeUnit.MILLISECONDS)) {
      restore.process().destroyForcibly().waitFor();
    }
    machine.startRestore(name, true).end().succeeds();
    machine.checkTarget(name);
  }

  /// When all rounds are over: everybody backs up, everything is restored, and the index is what a
  /// rebuild makes of the bucket.
  void end() throws Exception {
    happened.setLength(0);
    tell("the end");
    List<KillMachine.Backup> backups = new ArrayList<>();
    for (KillMachine machine : machines) {
      machine.tree().change();
      backups.add(machine.start("last"));
    }
    for (KillMachine.Backup backup : backups) {
      KillMachine machine = backup.machine();
      succeed(backup);
      tell("restore all of " + machine);
      machine.checkRestores(machine.listed());
      counts.merge("archives", machine.listed().size(), Integer::sum);
      counts.merge("archives unacknowledged", (int) machine.unacknowledged(), Integer::sum);
      counts.merge("no archive", (int) machine.count(KillMachine.Fate.ABSENT), Integer::sum);
    }
    service.stop();
    service.compare();
  }

  private void tell(String what) {
    if (!what.isEmpty()) {
      happened.append(happened.isEmpty() ? "" : ", ").append(what);
    }
  }

  @Override
  public void close() throws IOException {
    machines.forEach(KillMachine::close);
    service.close();
  }

  /// What happens to a round's backups, and what their exit codes may be then. 137 and 143 are the
  /// shell's way to say SIGKILL and SIGTERM.
  private enum Event {
    NOTHING(false, 0),
    CLIENT_KILLED(true, 0, 137),
    CLIENT_TERMINATED(true, 0, 130, 143),
    SERVER_KILLED(false, 0, 2, 10),
    SERVER_KILLED_AND_BACK(false, 0, 2, 10),
    SERVER_TERMINATED(false, 0, 2, 10),
    BOTH_KILLED(true, 0, 10, 137),
    SERVER_PAUSED(false, 0),
    CLIENT_PAUSED(false, 0),
    PAUSED_AND_KILLED(false, 0, 2, 10),
    SERVER_REPLACED(false, 0, 1, 10),
    SERVER_JOINED(false, 0, 1, 10);

    /// Whether the first client is told to end, or made to.
    private final boolean isOfClient;

    private final List<Integer> codes;

    Event(boolean isOfClient, Integer... codes) {
      this.isOfClient = isOfClient;
      this.codes = List.of(codes);
    }
  }
}
