package org.holdfast.client.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.holdfast.client.restore.RestoreFixture.bytes;
import static org.holdfast.client.restore.RestoreFixture.content;
import static org.holdfast.client.restore.RestoreFixture.path;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.archive.Entry;
import org.holdfast.client.archive.Entry.RegularFile;
import org.holdfast.client.archive.Extent;
import org.holdfast.client.catalog.ArchiveMaker;
import org.holdfast.client.tree.TemporaryFolder;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.HoldfastException;
import org.holdfast.protocol.BlockRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a restore makes of archives that are not whole, or not honest.
@Timeout(60)
final class DamagedArchiveTest {
  private RestoreFixture fixture;

  @BeforeEach
  void create() throws Exception {
    fixture = new RestoreFixture();
  }

  @AfterEach
  void close() throws Exception {
    fixture.close();
  }

  @Test
  void aLostChunkCostsTheFilesThatNeedItAndNoOther() throws Exception {
    List<Entry> entries = threeFiles();
    BlockRef chunk = chunkOf(entries, "b", 3);
    fixture.service.blocks().remove(chunk);
    assertOnlyBFails("one of its chunks is lost: the service does not have it");
  }

  @Test
  void aDamagedChunkCostsTheFilesThatNeedItAndNoOther() throws Exception {
    List<Entry> entries = threeFiles();
    BlockRef chunk = chunkOf(entries, "b", 0);
    byte[] good = fixture.service.blocks().get(chunk);
    for (int at = 0; at < good.length; at += at < 32 ? 5 : 997) {
      byte[] bad = good.clone();
      bad[at] ^= (byte) (1 << at % 8);
      fixture.service.blocks().put(chunk, bad);
      assertOnlyBFails("");
      TemporaryFolder.run("rm", "-rf", fixture.folder.path("target").toString());
    }
    fixture.service.blocks().put(chunk, fixture.service.blocks().get(chunkOf(entries, "a", 0)));
    assertOnlyBFails("one of its chunks is damaged");
  }

  /// In whichever block, and wherever in it.
  @Test
  void aFlippedBitIsNamedAndNeverGivesOtherData() throws Exception {
    threeFiles();
    Map<BlockClass, Integer> tried = new EnumMap<>(BlockClass.class);
    for (BlockRef ref : List.copyOf(fixture.service.blocks().keySet())) {
      byte[] good = fixture.service.blocks().get(ref);
      for (int at :
          new int[] {0, 1, 2, 9, 20, 40, good.length / 2, good.length - 17, good.length - 1}) {
        byte[] bad = good.clone();
        bad[at] ^= (byte) (1 << at % 8);
        fixture.service.blocks().put(ref, bad);
        assertNamed(ref + " at " + at);
        tried.merge(ref.blockClass(), 1, Integer::sum);
      }
      fixture.service.blocks().put(ref, good);
    }
    assertThat(tried.keySet()).containsExactlyInAnyOrder(BlockClass.values());
    assertThat(fixture.restore(RestoreOptions.WHOLE).isComplete()).isTrue();
  }

  private void assertNamed(String what) throws Exception {
    try {
      RestoreSummary summary = fixture.restore(RestoreOptions.WHOLE);
      assertThat(summary.failed()).as(what).isNotEmpty();
      assertThat(summary.failed()).as(what).allMatch(each -> !each.reason().isBlank());
      assertIntactOrAbsent("a", content(1, 9_000));
      assertIntactOrAbsent("b", content(2, 17_000));
      assertIntactOrAbsent("b-too", content(2, 17_000));
      assertIntactOrAbsent("c", content(3, 9_000));
    } catch (HoldfastException e) {
      assertThat(e).as(what).hasMessageNotContaining("\n").message().isNotBlank();
      assertThat(fixture.folder.path("target")).as(what).doesNotExist();
    }
    TemporaryFolder.run("rm", "-rf", fixture.folder.path("target").toString());
  }

  private void assertIntactOrAbsent(String name, byte[] content) {
    if (Files.exists(file(name))) {
      assertThat(file(name)).hasBinaryContent(content);
    }
  }

  @Test
  void aLostRunCostsWhatItSealed() throws Exception {
    fixture.file("a", content(1, 9_000));
    List<Entry> first = fixture.archive(4_000);
    fixture.file("b", content(2, 9_000));
    try (ArchiveMaker maker = new ArchiveMaker(fixture.service)) {
      List<Entry> both = new ArrayList<>(first);
      both.add(new TreeArchiver(maker, fixture.tree, 4_000).entries().getLast());
      maker.archive("both", both);
      List<BlockRef> runs =
          fixture.service.blocks().keySet().stream()
              .filter(each -> each.blockClass() == BlockClass.RUN)
              .filter(each -> !each.name().equals(maker.run().blockName()))
              .toList();
      runs.forEach(fixture.service.blocks()::remove);
    }
    // Without its keys the first archive cannot be read at all, the second but for what it shares.
    RestoreSummary summary = fixture.restore(RestoreOptions.WHOLE);
    assertThat(summary.failed())
        .singleElement()
        .satisfies(each -> assertThat(each.path()).isEqualTo(path("a")))
        .satisfies(each -> assertThat(each.reason()).contains("keys of its backup run"));
    assertThat(Files.readAllBytes(file("b"))).isEqualTo(content(2, 9_000));
  }

  @Test
  void aLostPageIsToldAndTheRestComesBack() throws Exception {
    fixture.folder("d");
    for (int i = 0; i < 5_000; i++) {
      fixture.file("d/%05d".formatted(i), new byte[0]);
    }
    fixture.archive(4_000);
    List<BlockRef> pages =
        fixture.service.blocks().keySet().stream()
            .filter(each -> each.blockClass() == BlockClass.PAGE)
            .toList();
    fixture.service.blocks().remove(pages.getFirst());
    RestoreSummary summary = fixture.restore(RestoreOptions.WHOLE, Window.Sizes.DEFAULT);
    assertThat(summary.isComplete()).isFalse();
    assertThat(summary.failed()).singleElement();
    assertThat(summary.failed().getFirst().reason())
        .startsWith(summary.failedCount() + " entries from here on cannot be read");
    try (var files = Files.list(file("d"))) {
      assertThat(files.count()).isEqualTo(summary.files());
    }
    assertThat(summary.files() + summary.failedCount()).isBetween(5_000L, 5_002L);
  }

  @Test
  void aChunkThatIsShorterThanTheArchiveSaysIsNoticed() throws Exception {
    try (ArchiveMaker maker = new ArchiveMaker(fixture.service)) {
      BlockName chunk = maker.chunk(new byte[100], 0, 100);
      maker.archive("bad", List.of(root(), file("f", new Extent.Piece(chunk, 50, 51))));
    }
    RestoreSummary summary = fixture.restore(RestoreOptions.WHOLE);
    assertThat(summary.failed().getFirst().reason()).contains("shorter than the archive says");
    assertThat(file("f")).doesNotExist();
  }

  @Test
  void nothingIsWrittenThroughASymlinkOfTheArchive() throws Exception {
    Path outside = Files.createDirectory(fixture.folder.path("outside"));
    try (ArchiveMaker maker = new ArchiveMaker(fixture.service)) {
      BlockName chunk = maker.chunk(bytes("evil"), 0, 4);
      Extent evil = new Extent.Piece(chunk, 0, 4);
      maker.archive(
          "evil",
          List.of(
              root(),
              new Entry.Symlink(
                  path("link"),
                  metadata(null),
                  org.holdfast.core.Bytes.wrap(bytes(outside.toString()))),
              new Entry.Folder(path("link/deep"), metadata(null), false),
              file("link/deep/file", evil),
              file("link/file", evil),
              new Entry.Symlink(
                  path("link/symlink"), metadata(null), org.holdfast.core.Bytes.wrap(bytes("x"))),
              new Entry.Fifo(path("link/zfifo"), metadata(null)),
              file("linked", evil),
              linked("other", "link/secret")));
    }
    Files.writeString(outside.resolve("secret"), "secret");
    for (boolean resume : new boolean[] {false, true}) {
      RestoreSummary summary =
          fixture.restore(RestoreOptions.WHOLE.over(resume ? Overwrite.CHANGED : Overwrite.REFUSE));
      assertThat(summary.failedCount()).isEqualTo(6);
      assertThat(Files.readString(file("linked"))).isEqualTo("evil");
      assertThat(file("other")).doesNotExist();
      try (var files = Files.list(outside)) {
        assertThat(files).containsExactly(outside.resolve("secret"));
      }
      assertThat(Files.readString(outside.resolve("secret"))).isEqualTo("secret");
      assertThat(Files.getAttribute(outside, "unix:mode")).isEqualTo(040755);
    }
  }

  @Test
  void aSymlinkPlantedInTheTargetIsNotFollowedByAResumedRestore() throws Exception {
    Path outside = Files.createDirectory(fixture.folder.path("outside"));
    Files.writeString(outside.resolve("file"), "mine");
    fixture.folder("d");
    fixture.file("d/file", bytes("theirs"));
    fixture.folder("d/sub");
    fixture.file("d/sub/file", bytes("theirs"));
    fixture.file("file", bytes("theirs"));
    fixture.archive(4_096);
    Files.createDirectories(fixture.folder.path("target"));
    Files.createSymbolicLink(file("d"), outside);
    Files.createSymbolicLink(file("file"), outside.resolve("file"));
    RestoreSummary summary =
        fixture.restore(RestoreOptions.of(ArchivePath.ROOT, List.of()).over(Overwrite.CHANGED));
    assertThat(summary.failedCount()).isEqualTo(4);
    assertThat(summary.failed())
        .as("once, not for all that is below")
        .singleElement()
        .satisfies(each -> assertThat(each.path()).isEqualTo(path("d")))
        .satisfies(each -> assertThat(each.entries()).isEqualTo(4))
        .satisfies(
            each -> assertThat(each.reason()).contains("a symlink is where", "3 entries below it"));
    assertThat(Files.readString(outside.resolve("file"))).isEqualTo("mine");
    assertThat(Files.readString(file("file"))).isEqualTo("theirs");
    assertThat(file("file")).isRegularFile();
  }

  private List<Entry> threeFiles() throws Exception {
    fixture.file("a", content(1, 9_000));
    fixture.file("b", content(2, 17_000));
    fixture.file("c", content(3, 9_000));
    fixture.tree.createHardLink(bytes("b-too"), bytes("b"));
    return fixture.archive(4_096);
  }

  private void assertOnlyBFails(String reason) throws Exception {
    RestoreSummary summary = fixture.restore(RestoreOptions.WHOLE);
    assertThat(summary.failedCount()).isEqualTo(2);
    assertThat(summary.failed())
        .extracting(FailedEntry::path)
        .containsExactly(path("b"), path("b-too"));
    assertThat(summary.failed().getFirst().reason()).contains(reason);
    assertThat(file("b")).doesNotExist();
    assertThat(file("b-too")).doesNotExist();
    assertThat(Files.readAllBytes(file("a"))).isEqualTo(content(1, 9_000));
    assertThat(Files.readAllBytes(file("c"))).isEqualTo(content(3, 9_000));
  }

  private static BlockRef chunkOf(List<Entry> entries, String name, int number) throws Exception {
    ArchivePath path = path(name);
    RegularFile file =
        entries.stream()
            .filter(each -> each.path().equals(path))
            .map(RegularFile.class::cast)
            .findFirst()
            .orElseThrow();
    Extent.Piece piece = (Extent.Piece) file.extents().get(number);
    return new BlockRef(BlockClass.CHUNK, piece.chunk());
  }

  private static Entry root() {
    return new Entry.Folder(ArchivePath.ROOT, metadata(null), false);
  }

  private static Entry file(String path, Extent extent) throws Exception {
    long size = extent.length();
    return new RegularFile(
        path(path), metadata(null), size, 0, false, RegularFile.NO_TAG, List.of(extent));
  }

  private static Entry linked(String path, String first) throws Exception {
    return new RegularFile(
        path(path), metadata(path(first)), 0, 0, false, RegularFile.NO_TAG, List.of());
  }

  private static org.holdfast.client.archive.Metadata metadata(ArchivePath link) {
    return new org.holdfast.client.archive.Metadata(
        0777,
        0,
        0,
        org.holdfast.client.archive.Metadata.NO_NAME,
        org.holdfast.client.archive.Metadata.NO_NAME,
        1,
        1,
        1,
        1,
        1,
        1,
        org.holdfast.client.archive.Attributes.NONE,
        link);
  }

  private Path file(String name) {
    return fixture.folder.path("target").resolve(name);
  }
}
