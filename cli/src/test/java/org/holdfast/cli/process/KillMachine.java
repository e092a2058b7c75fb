package org.holdfast.cli.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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
import org.jspecify.annotations.Nullable;

/// A machine whose backups are killed, and what is known of each: the model.
///
/// Backups are processes: a command each, or one [KillClient] until it is killed. Lists and most
/// restores are made in this process, by the client's own code.
final class KillMachine implements AutoCloseable {
  private static final long LONGEST_SECONDS = 240;
  private static final int COURSES_MAX = 8;

  private final KillHome home;
  private final Program program;
  private final boolean isCommand;
  private final KillTree tree;
  private final Map<String, Attempt> attempts = new LinkedHashMap<>();
  private @Nullable Process stays;

  /// What the last backups took that nothing happened to: kills are aimed at what one of them did.
  private final ArrayDeque<Course> courses = new ArrayDeque<>();

  /// Of a machine that is registered. `isCommand` says that each backup is a process of its own.
  KillMachine(KillHome home, Program program, boolean isCommand, SplittableRandom random)
      throws IOException {
    this.home = home;
    this.program = program;
    this.isCommand = isCommand;
    this.tree = new KillTree(home.tree(), random);
  }

  @Override
  public String toString() {
    return home.folder().getFileName().toString();
  }

  KillTree tree() {
    return tree;
  }

  /// What a backup may take, by an earlier one.
  Course course(SplittableRandom chance) {
    return List.copyOf(courses).get(chance.nextInt(courses.size()));
  }

  /// A backup has taken this, undisturbed.
  void learn(Course course) {
    courses.addLast(course);
    if (courses.size() > COURSES_MAX) {
      courses.removeFirst();
    }
  }

  /// Starts a backup of the tree as it is.
  Backup start(String name) throws Exception {
    Attempt attempt = new Attempt(name, tree.state());
    attempts.put(name, attempt);
    if (isCommand) {
      Program.Running running =
          program.start("backup", "--quiet", "--name", name, tree.root().toString());
      var code = running.process().onExit().thenApply(Process::exitValue);
      return new Backup(this, attempt, running.process(), running.err(), code);
    }
    Process client = stays();
    client.outputWriter().write(name + "\n");
    client.outputWriter().flush();
    var code = new CompletableFuture<Integer>();
    Thread.ofVirtual().start(() -> listen(client, code));
    return new Backup(this, attempt, client, errors(), code);
  }

  private Process stays() throws Exception {
    if (stays == null || !stays.isAlive()) {
      String port = Integer.toString(home.port());
      stays = program.startTalking(KillClient.class, errors(), home.folder().toString(), port);
      assertThat(stays.inputReader().readLine()).as(errors().toString()).isEqualTo("ready");
    }
    return stays;
  }

  private static void listen(Process client, CompletableFuture<Integer> code) {
    try {
      String line = client.inputReader().readLine();
      code.complete(line == null ? client.waitFor() : Integer.parseInt(line));
    } catch (IOException | InterruptedException e) {
      code.completeExceptionally(e);
    }
  }

  private Path errors() {
    return home.folder().resolve("errors");
  }

  @Override
  public void close() {
    if (stays != null) {
      stays.destroyForcibly().onExit().join();
    }
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
    delete(home.cache());
  }

  /// Whether what is in the target is the archive, wholly.
  void checkTarget(String name) throws IOException {
    attempts.get(name).state.check(under(back()), this + ": " + name);
  }

  /// Compares what the service lists with the model. No client of this machine is at work.
  void check() throws Exception {
    try (Session session = home.session(home.keyFile());
        Catalog catalog = Catalog.open(session, home.keyFile())) {
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
    attempts.values().forEach(attempt -> attempt.settle(this, shown.get(attempt.name)));
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
    try (Session session = home.session(home.keyFile());
        Catalog catalog = Catalog.open(session, home.keyFile())) {
      ArchiveList list = catalog.list(seen());
      for (String name : names) {
        delete(back());
        byte[] folder = KillHome.bytes(back());
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

  private Optional<SeenArchive> seen() throws Exception {
    return SeenArchive.read(home.machineFolder());
  }

  private Path back() {
    return home.folder().resolve("back");
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

  /// How long a backup took, and in how many pieces its answers came.
  record Course(long millis, long answers) {}

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

    /// Looks for it in a listing, where its root is `shown`, null if it is not there. What was
    /// promised or seen must be there, what was missed once must not, and from here on it stays as
    /// it is found now.
    void settle(KillMachine machine, BlockName shown) {
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

  /// A backup under way; `code` is its exit code once it has ended.
  record Backup(
      KillMachine machine,
      Attempt attempt,
      Process process,
      Path errors,
      CompletableFuture<Integer> code) {
    /// Waits until it has ended, for so long at most.
    void await(long millis) throws Exception {
      try {
        var _ = code.get(millis, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        // It is still at work.
      }
    }

    /// Waits for its end, and takes down what it says of itself.
    int end() throws Exception {
      int ended = code.get(LONGEST_SECONDS, TimeUnit.SECONDS);
      // 2: the command failed, and the archive is there.
      attempt.isAcknowledged = ended == 0 || ended == 2;
      assertThat(Files.readAllLines(errors))
          .as("%s: %s, which ended with %s", machine, attempt.name, ended)
          .noneMatch(line -> line.startsWith("\tat "));
      return ended;
    }

    @Override
    public String toString() {
      return attempt.name + " of " + machine;
    }
  }
}
