package org.holdfast.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The rules of `STYLE.md` that a program can check, over all modules.
final class ArchitectureTest {
  /// Who may look at the clock, draw randomness and hold threads, and why:
  ///
  /// - `SystemClock`, `Spawner`: the seams themselves
  /// - `cli`: wires the real ones, and talks to a terminal and to child processes
  /// - threads only, to interrupt or join one that a `Spawner` started: `BlockStore`, `Presence`,
  ///   `PendingChunk`, and the classes that block
  private static final Set<String> CLOCK_EDGES = Set.of("org.holdfast.core.SystemClock");

  /// Who may reach the file system without going through a bucket or a tree, and why:
  ///
  /// - `bucket`: a bucket in a folder
  /// - `RocksIndex`' folder and its marks: `ShardStart`, `Rebuild`, `Server`, `ServerConfig`
  /// - `UnixListener`: the operator's socket is a file
  /// - `KeyFileStore`: key files
  /// - `BackupCache`, `OldArchive`: the client's cache folder
  /// - `ProcFile`, `RawArguments`: what the system tells in `/proc`
  private static final Set<String> FILE_EDGES =
      Set.of(
          "org.holdfast.server.Rebuild",
          "org.holdfast.server.Server",
          "org.holdfast.server.ServerConfig",
          "org.holdfast.server.shard.ShardStart",
          "org.holdfast.protocol.UnixListener",
          "org.holdfast.seal.KeyFileStore",
          "org.holdfast.client.backup.BackupCache",
          "org.holdfast.client.tree.ProcFile");

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("org.holdfast");

  @Test
  void theServerCannotOpenWhatItStores() {
    noClasses()
        .that()
        .resideInAnyPackage("org.holdfast.server..", "org.holdfast.log..", "org.holdfast.bucket..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.holdfast.seal..", "org.holdfast.client..")
        .check(CLASSES);
  }

  @Test
  void aClientDoesNotReachIntoAServer() {
    noClasses()
        .that()
        .resideInAnyPackage("org.holdfast.client..", "org.holdfast.seal..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.holdfast.server..", "org.holdfast.log..", "org.holdfast.bucket..")
        .check(CLASSES);
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching("org.holdfast.(**)").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void onlyEdgesLookAtTheClockOrDrawRandomness() {
    noClasses()
        .that(areNot(CLOCK_EDGES))
        .should()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(java.time.Instant.class, "now")
        .orShould()
        .callConstructor(java.util.Random.class)
        .orShould()
        .callConstructor(java.security.SecureRandom.class)
        .orShould()
        .callMethod(Thread.class, "sleep", long.class)
        .orShould()
        .callMethod(Thread.class, "ofVirtual")
        .orShould()
        .callMethod(Thread.class, "ofPlatform")
        .orShould()
        .callConstructor(Thread.class, Runnable.class)
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(java.util.concurrent.Executor.class)
        .check(CLASSES);
  }

  @Test
  void onlyEdgesTouchFiles() {
    noClasses()
        .that(areNot(FILE_EDGES))
        .and()
        .resideOutsideOfPackages("org.holdfast.bucket..")
        .should()
        .dependOnClassesThat()
        .belongToAnyOf(
            Files.class,
            java.io.File.class,
            java.io.FileInputStream.class,
            java.io.FileOutputStream.class,
            java.io.RandomAccessFile.class)
        .check(CLASSES);
  }

  @Test
  void everyPackageSaysWhatItIsAndIsNullMarked() throws IOException {
    List<String> wrong = new ArrayList<>();
    for (Path folder : packages()) {
      Path info = folder.resolve("package-info.java");
      if (!Files.exists(info) || !Files.readString(info).contains("@NullMarked")) {
        wrong.add(folder.toString());
      }
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void noFileIsLong() throws IOException {
    List<String> wrong = new ArrayList<>();
    for (Path file : sources()) {
      if (Files.readAllLines(file).size() > 600) {
        wrong.add(file.toString());
      }
    }
    assertThat(wrong).isEmpty();
  }

  private static DescribedPredicate<JavaClass> areNot(Set<String> edges) {
    return DescribedPredicate.describe(
        "are not edges",
        type -> {
          String outermost = type.getName().replaceAll("\\$.*", "");
          return !edges.contains(outermost)
              && !outermost.startsWith("org.holdfast.cli.")
              && !outermost.startsWith("org.holdfast.bench.")
              && !outermost.equals("org.holdfast.core.Spawner");
        });
  }

  private static Set<Path> packages() throws IOException {
    Set<Path> packages = new java.util.TreeSet<>();
    for (Path file : sources()) {
      if (file.toString().contains("src/main/")) {
        packages.add(file.getParent());
      }
    }
    return packages;
  }

  private static List<Path> sources() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of(".."))) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .filter(file -> file.toString().contains("/src/"))
          .toList();
    }
  }
}
