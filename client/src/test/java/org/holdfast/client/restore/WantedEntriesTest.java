package org.holdfast.client.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.holdfast.client.restore.RestoreFixture.bytes;
import static org.holdfast.client.restore.RestoreFixture.metadata;
import static org.holdfast.client.restore.RestoreFixture.path;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.archive.Entry;
import org.holdfast.client.catalog.Catalog;
import org.holdfast.client.select.Glob;
import org.holdfast.client.select.PathRules;
import org.holdfast.client.tree.FileType;
import org.holdfast.client.tree.PosixTree;
import org.holdfast.client.tree.TargetFile;
import org.holdfast.client.tree.TemporaryFolder;
import org.holdfast.core.RefusedException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What of an archive is restored, under which paths, and over what.
@Timeout(60)
final class WantedEntriesTest {
  private RestoreFixture fixture;

  @BeforeEach
  void fill() throws Exception {
    fixture = new RestoreFixture();
    for (String each : List.of("etc", "home", "home/me", "home/me/docs", "home/me/build")) {
      fixture.folder(each);
    }
    for (String each :
        List.of("etc/x.conf", "home/me/build/a.o", "home/me/docs/a.txt", "home/me/docs/b.o")) {
      fixture.file(each, bytes(each));
    }
    fixture.tree.createHardLink(bytes("home/me/twin"), bytes("home/me/build/a.o"));
    fixture.tree.createSymlink(bytes("home/me/way"), bytes("docs"));
    fixture.finishFolders("home/me/build", "home/me/docs", "home/me", "home", "etc");
    fixture.archive(4_096);
  }

  @AfterEach
  void close() throws Exception {
    fixture.close();
  }

  @Test
  void whatIsLeftOutIsNotThereNorAnythingInIt() throws Exception {
    RestoreSummary summary =
        fixture.restore(RestoreOptions.WHOLE.matching(patterns(List.of(), "build/", "*.conf")));
    assertThat(names())
        .containsExactly(
            "etc",
            "home",
            "home/me",
            "home/me/docs",
            "home/me/docs/a.txt",
            "home/me/docs/b.o",
            "home/me/twin",
            "home/me/way");
    assertThat(Files.readString(file("home/me/twin")))
        .as("its first name is left out")
        .isEqualTo("home/me/build/a.o");
    assertThat(summary.isComplete()).isTrue();
    assertThat(fixture.progress.entries()).isEqualTo(fixture.progress.entriesTotal());
  }

  @Test
  void patternsBringTheFoldersAboveWhatTheyMatch() throws Exception {
    fixture.restore(RestoreOptions.WHOLE.matching(patterns(List.of("*.o"), "/home/me/build")));
    assertThat(names()).containsExactly("home", "home/me", "home/me/docs", "home/me/docs/b.o");
    try (PosixTree restored = PosixTree.open(fixture.target())) {
      assertThat(restored.status(bytes("home/me/docs")).mode()).isEqualTo(0750);
      assertThat(restored.status(bytes("home")).mtime().seconds()).isEqualTo(1_234_567);
    }
  }

  @Test
  void aFolderThatMatchesComesWithAllThatIsInIt() throws Exception {
    fixture.restore(RestoreOptions.WHOLE.matching(patterns(List.of("docs"))));
    assertThat(names())
        .containsExactly(
            "home", "home/me", "home/me/docs", "home/me/docs/a.txt", "home/me/docs/b.o");
  }

  @Test
  void namesAreTakenOffTheFrontOfPaths() throws Exception {
    RestoreSummary summary =
        fixture.restore(RestoreOptions.of(ArchivePath.ROOT, List.of(path("home"))).stripped(2));
    assertThat(names())
        .containsExactly("build", "build/a.o", "docs", "docs/a.txt", "docs/b.o", "twin", "way");
    assertThat(summary.isComplete()).isTrue();
    assertThat(Files.getAttribute(file("twin"), "unix:nlink")).isEqualTo(2);
  }

  @Test
  void twoFoldersDoNotBecomeOne() throws Exception {
    fixture.folder("var");
    fixture.folder("var/docs");
    fixture.file("var/docs/a.txt", bytes("another"));
    fixture.archive(4_096);
    assertThatThrownBy(() -> fixture.restore(RestoreOptions.WHOLE.stripped(1)))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("two folders into one, /etc/ and /home/");
  }

  @Test
  void ownersCanBeLeftOut() throws Exception {
    assumeTrue(TemporaryFolder.isRoot(), "owners need root");
    fixture.file("runs", bytes("runs"));
    try (TargetFile file = fixture.tree.openExisting(bytes("runs"))) {
      file.finish(metadata(06755, 1_234));
    }
    fixture.tree.finish(bytes("etc"), FileType.FOLDER, metadata(0755, 1_234));
    fixture.archive(4_096);
    RestoreSummary summary = fixture.restore(RestoreOptions.WHOLE.ownedBy(Owners.NONE));
    assertThat(summary.shortfalls()).isEmpty();
    try (PosixTree restored = PosixTree.open(fixture.target())) {
      for (String each : List.of("runs", "etc")) {
        assertThat(restored.status(bytes(each)).uid()).isZero();
        assertThat(restored.status(bytes(each)).gid()).isZero();
        assertThat(restored.status(bytes(each)).mode()).isEqualTo(0755);
      }
    }
  }

  @Test
  void aPreviewSaysWhatARestoreThenDoes() throws Exception {
    RestoreOptions options =
        RestoreOptions.of(path("home/me"), List.of()).matching(patterns(List.of(), "docs/"));
    List<String> shown = new ArrayList<>();
    Preview seen;
    try (Catalog catalog = Catalog.open(fixture.service.session(), fixture.service.keyFile())) {
      seen =
          Preview.of(
              catalog.blocks(),
              catalog.read(catalog.list(Optional.empty()).select("latest")),
              options,
              entry -> shown.add(text(entry)),
              _ -> {});
    }
    assertThat(shown)
        .containsExactly("home/me/build", "home/me/build/a.o", "home/me/twin", "home/me/way");
    RestoreSummary summary = fixture.restore(options);
    assertThat(seen)
        .isEqualTo(
            new Preview(
                summary.files(),
                summary.folders(),
                summary.others(),
                "home/me/build/a.o".length()));
  }

  private static String text(Entry entry) {
    ArchivePath path = entry.path();
    return new String(path.toArray(), java.nio.charset.StandardCharsets.UTF_8);
  }

  private static EntryPatterns patterns(List<String> wanted, String... leftOut) throws Exception {
    List<Glob> globs = new ArrayList<>();
    for (String each : wanted) {
      globs.add(Glob.of(bytes(each), false));
    }
    PathRules.Builder rules = new PathRules.Builder();
    for (String each : leftOut) {
      rules.exclude(bytes(each), false);
    }
    return new EntryPatterns(globs, rules.build());
  }

  private Path file(String path) {
    return fixture.folder.path("target").resolve(path);
  }

  private List<String> names() throws Exception {
    Path root = fixture.folder.path("target");
    try (var all = Files.walk(root)) {
      return all.filter(each -> !each.equals(root))
          .map(each -> root.relativize(each).toString())
          .sorted()
          .toList();
    }
  }
}
