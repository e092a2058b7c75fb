package org.holdfast.cli.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.holdfast.client.archive.SeenArchive;
import org.holdfast.client.catalog.ArchiveInfo;
import org.holdfast.client.catalog.ArchiveList;
import org.holdfast.client.catalog.Catalog;
import org.holdfast.client.restore.Restore;
import org.holdfast.client.restore.RestoreOptions;
import org.holdfast.client.restore.RestoreProgress;
import org.holdfast.client.tree.PosixTarget;
import org.holdfast.core.BlockName;
import org.holdfast.core.Spawner;
import org.holdfast.core.SystemClock;
import org.holdfast.protocol.Session;
import org.holdfast.protocol.TlsConnector;
import org.holdfast.seal.KeyFile;
import org.holdfast.seal.KeyFileFormat;
import org.holdfast.seal.KeyFileReading;

/// A machine whose backups are killed, and what is known of each: the model.
///
/// Backups are processes. Lists and restores are mostly made in this process, by the client's own
/// code, as a process takes ten times as long to start as they take.
final class KillMachine {
  private final Path home;
  private final Program program;
  private final int port;
  private final KillTree tree;
  private final Map<String, Attempt> attempts = new LinkedHashMap<>();
  private final SecureRandom random = new SecureRandom();

  /// Of a machine that is registered, with a folder of its own.
  KillMachine(Path home, Program program, int port, SplittableRandom random) throws IOException {
    this.home = home;
    this.program = program;
    this.port = port;
    this.tree = new KillTree(home.resolve("tree"), random);
  }

  @Override
  public String toString() {
    return home.getFileName().toString();
  }

  KillTree tree() {
    return tree;
  }

  /// Starts a backup of the tree as it is.
  Backup start(String name) throws IOException {
    Attempt attempt = new Attempt(name, tree.state());
    attempts.put(name, attempt);
    return new Backup(
        this, attempt, program.start("backup", "--quiet", "--name", name, tree.root().toString()));
  }

  /// A client process that restores the archive and may be killed.
  Program.Running startRestore(String name, boolean resume) throws IOException {
    List<String> words = new ArrayList<>(List.of("restore", name, "--target", back().toString()));
    if (resume) {
      words.add("--resume");
    }
    return program.start(words.toArray(String[]::new));
  }

  void emptyTarget() throws IOException {
    delete(back());
  }

  /// As the owner of the machine may at any time.
  void loseCache() throws IOException {
    delete(home.resolve(".cache"));
  }

  /// Whether what is in the target is the archive, wholly.
  void checkTarget(String name) throws IOException {
    attempts.get(name).state.check(under(back()), this + ": " + name);
  }

  /// Compares what the service lists with the model. No client of this machine is at work.
  void check() throws Exception {
    try (Session session = session();
        Catalog catalog = Catalog.open(session, keyFile())) {
      check(catalog.list(seen()));
    }
  }

  private void check(ArchiveList list) {
    assertThat(list.warnings()).as("%s: warnings of the list", this).isEmpty();
    Map<String, BlockName> shown = new LinkedHashMap<>();
    for (ArchiveInfo info : list.archives()) {
      assertThat(shown.put(info.name(), info.root()))
          .as("%s: %s is listed twice", this, info.name())
          .isNull();
      assertThat(attempts).as("%s: is listed and was never made", this).containsKey(info.name());
      assertThat(info.partial()).as("%s: %s is partial", this, info.name()).isFalse();
    }
    attempts.values().forEach(attempt -> attempt.compare(this, shown.get(attempt.name)));
  }

  /// The names of the archives that are there.
  List<String> listed() {
    return attempts.values().stream()
        .filter(attempt -> attempt.fate == Fate.LISTED)
        .map(attempt -> attempt.name)
        .toList();
  }

  /// How many backups have come to this.
  long count(Fate fate) {
    return attempts.values().stream().filter(attempt -> attempt.fate == fate).count();
  }

  /// How many archives are there although no client was told so.
  long unacknowledged() {
    return attempts.values().stream()
        .filter(attempt -> attempt.fate == Fate.LISTED && !attempt.isAcknowledged)
        .count();
  }

  /// Restores these archives and compares each with the tree as it was.
  void checkRestores(List<String> names) throws Exception {
    try (Session session = session();
        Catalog catalog = Catalog.open(session, keyFile())) {
      ArchiveList list = catalog.list(seen());
      for (String name : names) {
        delete(back());
        byte[] folder = back().toString().getBytes(java.nio.charset.StandardCharsets.UTF_8);
        var summary =
            new Restore(
                    catalog.blocks(),
                    catalog.read(list.resolve(name).archive()),
                    () -> PosixTarget.open(folder),
                    RestoreOptions.WHOLE,
                    new RestoreProgress(),
                    new SystemClock(),
                    Spawner.platform(),
                    2)
                .run();
        assertThat(summary.isComplete()).as("%s: %s: %s", this, name, summary).isTrue();
        checkTarget(name);
      }
    }
  }

  private Session session() throws Exception {
    var spawner = Spawner.virtual();
    var connector = new TlsConnector(random, new SystemClock(), spawner, 10_000, 20_000);
    var connection = connector.connect("127.0.0.1", port, keyFile().serverKey().orElseThrow());
    return Session.open(connection, new SystemClock(), spawner, "kill test");
  }

  private KeyFile keyFile() throws Exception {
    byte[] bytes = Files.readAllBytes(home.resolve(".config/holdfast/key"));
    if (KeyFileFormat.read(bytes, null) instanceof KeyFileReading.Open open) {
      return open.file();
    }
    throw new AssertionError("a key file without a passphrase opens");
  }

  private Optional<SeenArchive> seen() throws Exception {
    return SeenArchive.read(
        home.resolve(".cache/holdfast/machines").resolve(keyFile().machineId().toString()));
  }

  private Path back() {
    return home.resolve("back");
  }

  private Path under(Path target) {
    return target.resolve(tree.root().toString().substring(1));
  }

  static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> all = Files.walk(folder)) {
        for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(each);
        }
      }
    }
  }

  /// What is known of a backup.
  enum Fate {
    /// It has not been looked for yet.
    OPEN,
    /// It is there, and so for good.
    LISTED,
    /// It is not there, and so for good.
    ABSENT
  }

  /// A backup that was tried.
  static final class Attempt {
    private final String name;
    private final KillTree.State state;
    private Fate fate = Fate.OPEN;
    private boolean isAcknowledged;
    private BlockName root;

    Attempt(String name, KillTree.State state) {
      this.name = name;
      this.state = state;
    }

    void compare(KillMachine machine, BlockName shown) {
      String what = machine + ": " + name;
      if (isAcknowledged || fate == Fate.LISTED) {
        assertThat(shown).as("%s was promised, and is not listed", what).isNotNull();
      }
      if (fate == Fate.LISTED) {
        assertThat(shown).as("%s is another archive now", what).isEqualTo(root);
      }
      if (fate == Fate.ABSENT) {
        assertThat(shown).as("%s was not there, and is now", what).isNull();
      }
      fate = shown == null ? Fate.ABSENT : Fate.LISTED;
      root = shown;
    }
  }

  /// A backup under way.
  record Backup(KillMachine machine, Attempt attempt, Program.Running running) {
    /// Waits for its end, and takes down what it says of itself.
    int end() throws Exception {
      Program.Outcome outcome = running.end();
      int code = outcome.exitCode();
      // 2: the command failed, and the archive is there.
      attempt.isAcknowledged = code == 0 || code == 2;
      assertThat(outcome.errors())
          .as("%s: %s, which ended with %s", machine, attempt.name, code)
          .noneMatch(line -> line.startsWith("\tat "));
      return code;
    }

    @Override
    public String toString() {
      return attempt.name;
    }
  }
}
