package org.holdfast.client.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.holdfast.client.restore.RestoreFixture.bytes;
import static org.holdfast.client.restore.RestoreFixture.metadata;
import static org.holdfast.client.restore.RestoreFixture.path;

import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.catalog.Archive;
import org.holdfast.client.catalog.Catalog;
import org.holdfast.client.catalog.PageReader;
import org.holdfast.client.tree.FileType;
import org.holdfast.core.RefusedException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class ListingTest {
  private RestoreFixture fixture;

  @BeforeEach
  void fill() throws Exception {
    fixture = new RestoreFixture();
    fixture.folder("bin");
    fixture.file("bin/tool", bytes("tool"));
    try (var tool = fixture.tree.openExisting(bytes("bin/tool"))) {
      tool.finish(metadata(06750, 12));
    }
    fixture.tree.createSymlink(bytes("bin/to"), bytes("a\u001b[2J"));
    fixture.tree.finish(bytes("bin/to"), FileType.SYMLINK, metadata(0777, 0));
    fixture.tree.createSpecial(bytes("null"), FileType.CHAR_DEVICE, 1, 3);
    fixture.tree.finish(bytes("null"), FileType.CHAR_DEVICE, metadata(0666, 0));
    fixture.tree.finish(bytes("bin"), FileType.FOLDER, metadata(01777, 0));
    fixture.archive(4_096);
  }

  @AfterEach
  void close() throws Exception {
    fixture.close();
  }

  @Test
  void aLineSaysAllAndSteersNoTerminal() throws Exception {
    assertThat(list(path("bin")).stream().map(each -> each.line(ZoneOffset.UTC)))
        .containsExactly(
            "drwxrwxrwt user0    group0              0 1970-01-15 06:56:07 /bin",
            "lrwxrwxrwx user0    group0              5 1970-01-15 06:56:07 /bin/to -> a\\x1b[2J",
            "-rwsr-s--- user12   group12             4 1970-01-15 06:56:07 /bin/tool");
    assertThat(list(path("null")).getFirst().line(ZoneOffset.UTC))
        .isEqualTo("crw-rw-rw- user0    group0            1,3 1970-01-15 06:56:07 /null");
  }

  @Test
  void allEntriesOrOneOrNoneAreListed() throws Exception {
    assertThat(list(ArchivePath.ROOT))
        .extracting(ListedEntry::path)
        .containsExactly("/", "/bin", "/bin/to", "/bin/tool", "/null");
    assertThat(list(path("bin/tool")))
        .extracting(ListedEntry::type, ListedEntry::size)
        .containsExactly(org.assertj.core.groups.Tuple.tuple("file", 4L));
    assertThatThrownBy(() -> list(path("bin/too")))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("there is no such path");
  }

  private List<ListedEntry> list(ArchivePath subtree) throws Exception {
    try (Catalog catalog = Catalog.open(fixture.service.session(), fixture.service.keyFile())) {
      Archive archive = catalog.read(catalog.list(Optional.empty()).select("latest"));
      List<ListedEntry> entries = new ArrayList<>();
      new Listing(catalog.blocks(), archive, subtree)
          .forEach(
              new Listing.Sink<RuntimeException>() {
                @Override
                public void entry(ListedEntry entry) {
                  entries.add(entry);
                }

                @Override
                public void lost(PageReader.Lost lost) {
                  throw new AssertionError(lost);
                }
              });
      return entries;
    }
  }
}
