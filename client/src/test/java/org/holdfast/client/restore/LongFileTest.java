package org.holdfast.client.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.holdfast.client.restore.RestoreFixture.content;
import static org.holdfast.client.restore.RestoreFixture.path;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.holdfast.client.archive.Entry;
import org.holdfast.client.archive.Entry.RegularFile;
import org.holdfast.client.archive.Extent;
import org.holdfast.client.archive.RandomEntries;
import org.holdfast.client.catalog.ArchiveMaker;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.protocol.BlockRef;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Files that stand in pages as several parts.
@Timeout(60)
final class LongFileTest {
  private static final int PIECES = 2 * RegularFile.EXTENTS_MAX + 1_000;
  private static final int CHUNK = 1_000;

  @Test
  void aFileInSeveralPartsComesBackAndSoDoesItsOtherName() throws Exception {
    try (RestoreFixture fixture = new RestoreFixture()) {
      byte[] expected = archive(fixture);
      RestoreSummary summary = fixture.restore(RestoreOptions.WHOLE);
      assertThat(summary.failed()).isEmpty();
      assertThat(summary.files()).isEqualTo(4);
      assertThat(Files.readAllBytes(fixture.folder.path("target/long"))).isEqualTo(expected);
      assertThat(
              Files.isSameFile(
                  fixture.folder.path("target/long"), fixture.folder.path("target/other")))
          .isTrue();
      assertThat(summary.bytes()).isEqualTo(fixture.progress.bytes());
      assertThat(fixture.progress.entries()).isEqualTo(fixture.progress.entriesTotal());
    }
  }

  @Test
  void aFileOfWhichAnyPartIsLostIsNotLeftLookingWhole() throws Exception {
    try (RestoreFixture fixture = new RestoreFixture()) {
      byte[] expected = archive(fixture);
      Set<BlockRef> pages = new HashSet<>(fixture.service.blocks().keySet());
      pages.removeIf(each -> each.blockClass() != BlockClass.PAGE);
      int lostOfLong = 0;
      for (BlockRef page : pages) {
        byte[] block = fixture.service.blocks().remove(page);
        RestoreSummary summary = fixture.restore(RestoreOptions.WHOLE);
        assertThat(summary.isComplete()).isFalse();
        var file = fixture.folder.path("target/long");
        boolean lost = summary.failed().stream().anyMatch(each -> isPath(each, "long"));
        assertThat(Files.exists(file)).isEqualTo(!lost);
        lostOfLong += lost ? 1 : 0;
        if (lost) {
          assertThat(Files.readAllBytes(fixture.folder.path("target/other")))
              .as("the other name has parts of its own")
              .isEqualTo(expected);
        }
        fixture.service.blocks().put(page, block);
        assertThat(
                org.holdfast.client.tree.TemporaryFolder.run(
                    "rm", "-rf", fixture.folder.path("target").toString()))
            .isTrue();
      }
      assertThat(lostOfLong).isEqualTo(3);
    }
  }

  private static boolean isPath(FailedEntry entry, String name) {
    try {
      return entry.path().equals(path(name));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /// Pieces of few chunks, in an order that never goes on in the same one.
  private static byte[] archive(RestoreFixture fixture) throws Exception {
    byte[] expected = new byte[3 * PIECES];
    List<Extent> extents = new ArrayList<>();
    try (ArchiveMaker maker = new ArchiveMaker(fixture.service)) {
      List<BlockName> names = new ArrayList<>();
      List<byte[]> contents = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        contents.add(content(i, CHUNK));
        names.add(maker.chunk(contents.get(i), 0, CHUNK));
      }
      for (int i = 0; i < PIECES; i++) {
        int offset = i * 7 % (CHUNK - 3);
        System.arraycopy(contents.get(i % 5), offset, expected, 3 * i, 3);
        extents.add(new Extent.Piece(names.get(i % 5), offset, 3));
      }
      var metadata = new RandomEntries(1).metadata();
      maker.archive(
          "long",
          List.of(
              file("a", metadata, null, List.of()),
              file("long", metadata, "", extents),
              file("m", metadata, null, List.of()),
              file("other", metadata, "long", extents)));
    }
    return expected;
  }

  private static Entry file(
      String name, org.holdfast.client.archive.Metadata m, String link, List<Extent> extents)
      throws Exception {
    var metadata =
        new org.holdfast.client.archive.Metadata(
            0644,
            0,
            0,
            m.userName(),
            m.groupName(),
            1,
            1,
            1,
            1,
            1,
            1,
            org.holdfast.client.archive.Attributes.NONE,
            link == null ? null : path(link));
    long size = extents.stream().mapToLong(Extent::length).sum();
    return new RegularFile(path(name), metadata, size, 0, false, RegularFile.NO_TAG, extents);
  }
}
