package org.holdfast.cli.house;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What a module does not depend on, it cannot do; and only the edges touch the system.
final class ArchitectureTest {
  /// The only classes that touch the system, and why. A name that ends with a dot is a package.
  private static final Map<String, String> EDGES =
      Map.ofEntries(
          Map.entry("core.SystemClock", "is the clock"),
          Map.entry("core.Spawner", "starts the threads"),
          Map.entry("core.Folders", "makes names in folders durable"),
          Map.entry("core.DirectFiles", "opens files past the page cache"),
          Map.entry("bucket.", "a bucket in a folder is files"),
          Map.entry("seal.SeedRandom", "is random in name only: hands out given bytes"),
          Map.entry("seal.KeyFileStore", "key files are files"),
          Map.entry("protocol.UnixListener", "a socket in a folder needs its modes set"),
          Map.entry("server.SecretsFile", "reads and makes the file of secrets"),
          Map.entry("server.ServerConfig", "reads the config file"),
          Map.entry("server.image.ImageFolder", "reads and writes the files of an index"),
          Map.entry("server.index.RocksLibrary", "unpacks native code and deletes the file"),
          Map.entry("server.alert.AlertCommand", "starts the operator's command"),
          Map.entry("server.journal.Journal", "keeps lines in the state folder"),
          Map.entry("server.recovery.ScratchFile", "keeps what was read and sorted on disk"),
          Map.entry("server.shard.StateFolder", "holds the folder of an index, and moves indexes"),
          Map.entry("client.tree.ProcessEnd", "ends this process"),
          Map.entry("client.tree.ProcFile", "what the kernel says of this process"),
          Map.entry("client.archive.SeenArchive", "keeps a file in the cache folder"),
          Map.entry("client.archive.CacheLock", "locks the cache folder"),
          Map.entry("client.backup.BackupCache", "keeps lists in the cache folder"),
          Map.entry("client.catalog.KnownArchives", "keeps a file in the cache folder"),
          Map.entry("client.tidy.CountsFile", "keeps a file in the cache folder"),
          Map.entry("cli.Main", "where the process starts and ends"),
          Map.entry("cli.Serving", "writes the port's file, and ends a stop that hangs"),
          Map.entry("cli.Rehearsal", "plays in a folder of its own, before there is a user"),
          Map.entry("cli.KeyPlace", "a key file that waits for its name"),
          Map.entry("cli.link.InsideService", "holds the lock of an index"),
          Map.entry(
              "cli.console.Host", "asks the kernel for the machine's name, its load and folders"),
          Map.entry("cli.console.InputCommand", "starts the command that is backed up"),
          Map.entry("cli.console.ListFiles", "lists of patterns and paths are files"),
          Map.entry("cli.console.Passphrases", "passphrases come from files and commands"),
          Map.entry("cli.console.Signals", "ends the process on a second signal"),
          Map.entry("cli.console.Terminal", "finds out what the streams are"),
          Map.entry("cli.story.", "is a play with real processes and files"));

  /// Owners of methods that reach the system, with the methods; none named means all.
  private static final Map<String, Set<String>> SYSTEM =
      Map.ofEntries(
          Map.entry("java.time.Instant", Set.of("now")),
          Map.entry("java.time.LocalDate", Set.of("now")),
          Map.entry("java.time.LocalDateTime", Set.of("now")),
          Map.entry("java.time.ZonedDateTime", Set.of("now")),
          Map.entry("java.time.Clock", Set.of()),
          Map.entry("java.util.Date", Set.of("<init>")),
          Map.entry("java.lang.System", Set.of("nanoTime", "currentTimeMillis", "exit")),
          Map.entry("java.lang.Runtime", Set.of("halt", "exit", "exec")),
          Map.entry("java.util.Random", Set.of("<init>")),
          Map.entry("java.util.SplittableRandom", Set.of("<init>")),
          Map.entry("java.util.concurrent.ThreadLocalRandom", Set.of()),
          Map.entry("java.security.SecureRandom", Set.of("<init>", "getInstanceStrong")),
          Map.entry("java.util.UUID", Set.of("randomUUID")),
          Map.entry("java.lang.Math", Set.of("random")),
          Map.entry(
              "java.lang.Thread",
              Set.of("<init>", "start", "ofVirtual", "ofPlatform", "startVirtualThread", "sleep")),
          Map.entry("java.util.concurrent.Executors", Set.of()),
          Map.entry("java.util.concurrent.ForkJoinPool", Set.of()),
          Map.entry("java.util.Timer", Set.of()),
          Map.entry("java.nio.file.Files", Set.of()),
          Map.entry("java.nio.channels.FileChannel", Set.of("open")),
          Map.entry("java.io.FileInputStream", Set.of()),
          Map.entry("java.io.FileOutputStream", Set.of()),
          Map.entry("java.io.RandomAccessFile", Set.of()),
          Map.entry("java.io.FileReader", Set.of()),
          Map.entry("java.io.FileWriter", Set.of()),
          Map.entry("java.lang.ProcessBuilder", Set.of()));

  /// What each module may use of the others.
  private static final Map<String, List<String>> MODULES =
      Map.of(
          "core", List.of(),
          "bucket", List.of("core"),
          "log", List.of("core", "bucket"),
          "seal", List.of("core"),
          "protocol", List.of("core"),
          "server", List.of("core", "bucket", "log", "protocol"),
          "client", List.of("core", "seal", "protocol"));

  private static JavaClasses all;

  @BeforeAll
  static void importClasses() {
    all =
        new ClassFileImporter()
            .withImportOption(location ->
                !location.contains("/test-classes/")
                    && !location.contains("-tests.jar")
                    && !location.contains("/stores/"))
            .importPackages("org.holdfast");
  }

  @Test
  void everyModuleIsLookedAt() {
    Set<String> modules =
        all.stream().map(ArchitectureTest::module).collect(Collectors.toCollection(TreeSet::new));
    Set<String> expected = new TreeSet<>(MODULES.keySet());
    expected.add("cli");
    assertThat(modules).isEqualTo(expected);
    assertThat(all.size()).isGreaterThan(200);
  }

  @Test
  void onlyEdgesTouchTheSystem() {
    noClasses()
        .that(describe("are no edges", each -> !isEdge(each)))
        .should()
        .accessTargetWhere(touchesTheSystem())
        .because("time, randomness, threads and I/O come in through constructors")
        .check(all);
  }

  @Test
  void everyEdgeIsOne() {
    Set<String> used =
        all.stream()
            .filter(each -> each.getAccessesFromSelf().stream().anyMatch(touchesTheSystem()))
            .map(ArchitectureTest::edge)
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(used).isEqualTo(new TreeSet<>(EDGES.keySet()));
  }

  @Test
  void modulesUseOnlyWhatTheyMay() {
    MODULES.forEach((module, allowed) -> {
      List<String> forbidden =
          List.of("core", "bucket", "log", "seal", "protocol", "server", "client", "cli").stream()
              .filter(other -> !other.equals(module) && !allowed.contains(other))
              .map(other -> "org.holdfast." + other + "..")
              .toList();
      noClasses()
          .that()
          .resideInAPackage("org.holdfast." + module + "..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(forbidden.toArray(String[]::new))
          .check(all);
    });
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching("org.holdfast.(**)").should().beFreeOfCycles().check(all);
  }

  @Test
  void everyPackageSaysThatNullIsTheException() {
    Set<String> packages =
        all.stream().map(JavaClass::getPackageName).collect(Collectors.toCollection(TreeSet::new));
    for (String name : packages) {
      assertThat(all.contain(name + ".package-info")).as(name + " has a package-info").isTrue();
      assertThat(
              all.get(name + ".package-info")
                  .isAnnotatedWith("org.jspecify.annotations.NullMarked"))
          .as(name + " is @NullMarked")
          .isTrue();
    }
  }

  @Test
  void namesSayWhatThingsAre() {
    for (String ending : List.of("Manager", "Helper", "Util", "Utils", "Processor", "Impl")) {
      classes().should().haveSimpleNameNotEndingWith(ending).check(all);
    }
  }

  private static DescribedPredicate<JavaAccess<?>> touchesTheSystem() {
    return describe(
        "the system",
        access -> {
          Set<String> methods = SYSTEM.get(access.getTargetOwner().getName());
          return methods != null
              && (methods.isEmpty() || methods.contains(access.getTarget().getName()));
        });
  }

  private static boolean isEdge(JavaClass each) {
    return EDGES.containsKey(edge(each));
  }

  /// The name by which a class would stand in the list of edges.
  private static String edge(JavaClass each) {
    String name = each.getName().substring("org.holdfast.".length()).replaceFirst("\\$.*", "");
    return EDGES.keySet().stream()
        .filter(edge -> edge.endsWith(".") && name.startsWith(edge))
        .findFirst()
        .orElse(name);
  }

  private static String module(JavaClass each) {
    return each.getPackageName().split("\\.")[2];
  }
}
