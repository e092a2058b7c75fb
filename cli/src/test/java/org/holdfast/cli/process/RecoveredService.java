package org.holdfast.cli.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// A service of processes with some machines, whose backups are known, for incidents.
final class RecoveredService implements AutoCloseable {
  private static final int MACHINES = 2;

  private final SplittableRandom random;
  private final KillService service;
  private final List<KillMachine> machines = new ArrayList<>();

  private RecoveredService(KillService service, SplittableRandom random) {
    this.service = service;
    this.random = random;
  }

  static RecoveredService start(Path home, SplittableRandom random) throws Exception {
    Program program = new Program(home).lasting(240);
    var started =
        new RecoveredService(new KillService(home, program, "dir:bucket"), random.split());
    try {
      started.service.start();
      started.operate("account", "open", "acme");
      for (int i = 0; i < MACHINES; i++) {
        started.register(home.resolve("machine" + i), program);
      }
      return started;
    } catch (Exception | AssertionError e) {
      started.close();
      throw e;
    }
  }

  private void register(Path folder, Program program) throws Exception {
    int port = service.relay().port();
    String token = operate("invite", "acme").getLast();
    Program client = program.in(Files.createDirectories(folder));
    client
        .run(
            "init",
            "--service",
            "127.0.0.1:" + port,
            "--invite",
            token,
            "--machine",
            folder.getFileName().toString())
        .succeeds();
    machines.add(new KillMachine(new KillHome(folder, port), client, false, random.split()));
  }

  KillService service() {
    return service;
  }

  /// What the running server answers.
  List<String> operate(String... words) throws Exception {
    return service.operate(words).end().succeeds().output();
  }

  /// Each machine backs up what has changed; all are under way when this returns.
  List<KillMachine.Backup> begin(String name) throws Exception {
    List<KillMachine.Backup> backups = new ArrayList<>();
    for (KillMachine machine : machines) {
      machine.tree().change();
      backups.add(machine.start(name));
    }
    return backups;
  }

  /// Waits for them: none fails but for want of a server.
  void end(List<KillMachine.Backup> backups) throws Exception {
    for (KillMachine.Backup backup : backups) {
      int code = backup.end();
      assertThat(code).as("%s: %s", backup, Files.readAllLines(backup.errors())).isIn(0, 2, 10);
    }
  }

  /// Each machine backs up to the end.
  void backUp(String name) throws Exception {
    for (KillMachine.Backup backup : begin(name)) {
      assertThat(backup.end()).as("%s: %s", backup, Files.readAllLines(backup.errors())).isZero();
    }
  }

  /// All that was acknowledged is listed, and what was never made is not; so many of the newest
  /// archives restore exactly. Answers how many archives there are.
  int check(int restored) throws Exception {
    int archives = 0;
    for (KillMachine machine : machines) {
      machine.check();
      List<String> listed = machine.listed();
      archives += listed.size();
      machine.checkRestores(listed.subList(Math.max(0, listed.size() - restored), listed.size()));
    }
    return archives;
  }

  @Override
  public void close() throws IOException {
    machines.forEach(KillMachine::close);
    service.close();
  }
}
