package org.holdfast.client.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.holdfast.client.archive.PageDecoderTest.chunk;
import static org.holdfast.client.archive.PageDecoderTest.goldenEntries;

import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.InvariantException;
import org.holdfast.core.MachineId;
import org.holdfast.core.TransactionId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EntryCursorTest {
  private static final Bytes PATHS = chunk(0x44).bytes();
  private static final ArchivePath LONG = longPath();

  @TempDir Path folder;

  @Test
  void goldenListReadsAndWritesTheSame() throws Exception {
    Path file = write(List.of(Pages.single(goldenEntries())));
    assertThat(Bytes.wrap(Files.readAllBytes(file))).isEqualTo(Pages.golden("list.hex"));
    try (FileChannel channel = FileChannel.open(file)) {
      ListReader list = new ListReader(channel);
      assertThat(list.machine().bytes().at(15)).isEqualTo((byte) 0x11);
      assertThat(list.transaction().bytes().at(15)).isEqualTo((byte) 0x22);
      assertThat(list.paths()).isEqualTo(PATHS);
      assertThat(list.startMillis()).isEqualTo(1_700_000_000_123L);
      assertThat(list.root()).isEqualTo(chunk(0x33));
      assertThat(list.sequence()).isEqualTo(7);
      assertThat(list.entries()).isEqualTo(9);
    }
    assertThat(readAll(file)).isEqualTo(goldenEntries());
  }

  @Test
  void everyFlippedBitIsRefused() throws Exception {
    Bytes list = Pages.golden("list.hex");
    Path file = folder.resolve("flipped");
    for (int bit = 0; bit < list.length() * 8; bit++) {
      Files.write(file, Pages.flip(list, bit).toArray());
      assertThatExceptionOfType(CorruptException.class).isThrownBy(() -> readAll(file));
    }
  }

  @Test
  void everyTruncationIsRefused() throws Exception {
    Bytes list = Pages.golden("list.hex");
    Path file = folder.resolve("cut");
    for (int i = 0; i < list.length(); i++) {
      Files.write(file, Pages.truncate(list, i).toArray());
      assertThatExceptionOfType(CorruptException.class).isThrownBy(() -> readAll(file));
    }
  }

  @Test
  void pagesThatAreMissingTwiceThereOrOutOfOrderAreRefused() throws Exception {
    List<EncodedPage> pages = Pages.encode(new RandomEntries(8).list(3_000));
    assertThat(pages).hasSizeGreaterThan(3);
    List<EncodedPage> twice = new ArrayList<>(pages);
    twice.add(2, pages.get(1));
    List<EncodedPage> swapped = new ArrayList<>(pages);
    swapped.set(1, pages.get(2));
    swapped.set(2, pages.get(1));
    for (List<EncodedPage> each : List.of(twice, swapped)) {
      Path file = write(each);
      assertThatExceptionOfType(CorruptException.class).isThrownBy(() -> readAll(file));
    }
    Path whole = write(pages);
    byte[] bytes = Files.readAllBytes(whole);
    int first = 12 + pages.getFirst().references().length() + pages.getFirst().content().length();
    byte[] without = Arrays.copyOf(bytes, bytes.length - first);
    System.arraycopy(bytes, 40 + first, without, 40, bytes.length - first - 40);
    Files.write(whole, without);
    assertThatExceptionOfType(CorruptException.class).isThrownBy(() -> readAll(whole));
  }

  @Test
  void bytesBetweenTheLastPageAndTheTrailerAreRefused() throws Exception {
    byte[] bytes = Pages.golden("list.hex").toArray();
    byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
    System.arraycopy(bytes, bytes.length - 64, longer, longer.length - 64, 64);
    Path file = Files.write(folder.resolve("longer"), longer);
    assertThatExceptionOfType(CorruptException.class).isThrownBy(() -> readAll(file));
  }

  @Test
  void anotherNumberOfEntriesThanSaidIsRefused() throws Exception {
    EncodedPage page = Pages.single(goldenEntries());
    EncodedPage more =
        new EncodedPage(page.first(), 10, page.bytes(), page.references(), page.content());
    Path file = write(List.of(more));
    assertThatExceptionOfType(CorruptException.class).isThrownBy(() -> readAll(file));
  }

  @Test
  void aListWithoutPagesIsEmpty() throws Exception {
    assertThat(readAll(write(List.of()))).isEmpty();
  }

  @Test
  void everyEntryComesBackAlsoInParts() throws Exception {
    List<Entry> entries = withLongFile();
    assertThat(readAll(write(Pages.encode(entries)))).isEqualTo(entries);
  }

  @Test
  void aMissingPartOfALongFileIsRefused() throws Exception {
    List<EncodedPage> pages = Pages.encode(withLongFile());
    for (int i = 0; i < pages.size(); i++) {
      if (pages.get(i).first().equals(LONG)) {
        List<EncodedPage> missing = new ArrayList<>(pages);
        missing.remove(i);
        Path file = write(missing);
        assertThatExceptionOfType(CorruptException.class).isThrownBy(() -> readAll(file));
      }
    }
  }

  @Test
  void seekingFindsWhatIsThereAndNothingElse() throws Exception {
    List<Entry> entries = withLongFile();
    Path file = write(Pages.encode(entries));
    Random random = new Random(6);
    for (int round = 0; round < 5; round++) {
      try (FileChannel channel = FileChannel.open(file)) {
        EntryCursor cursor = new EntryCursor(new ListReader(channel));
        for (int i = 0; i < entries.size(); i++) {
          ArchivePath path = entries.get(i).path();
          if (random.nextInt(4) > 0) {
            assertThat(cursor.seek(path)).contains(entries.get(i));
          }
          ArchivePath absent = path.child(new byte[] {1});
          boolean isNext =
              i + 1 < entries.size() && absent.compareTo(entries.get(i + 1).path()) >= 0;
          if (random.nextInt(4) == 0 && !isNext) {
            assertThat(cursor.seek(absent)).isEmpty();
          }
        }
        assertThat(cursor.seek(path("\u00ff\u00ff\u00ff\u00ff\u00ff"))).isEmpty();
        assertThat(cursor.next()).isEmpty();
      }
    }
  }

  @Test
  void seekingBackwardsIsRefused() throws Exception {
    Path file = write(List.of(Pages.single(goldenEntries())));
    try (FileChannel channel = FileChannel.open(file)) {
      EntryCursor cursor = new EntryCursor(new ListReader(channel));
      assertThat(cursor.seek(path("a/d"))).isPresent();
      assertThatExceptionOfType(InvariantException.class)
          .isThrownBy(() -> cursor.seek(path("a/c")));
      assertThat(cursor.next().orElseThrow().path()).isEqualTo(path("a/fifo"));
    }
  }

  private static ArchivePath longPath() {
    try {
      return path("long");
    } catch (CorruptException e) {
      throw new AssertionError(e);
    }
  }

  private static List<Entry> withLongFile() throws Exception {
    List<Entry> entries = new ArrayList<>(new RandomEntries(9).list(2_000));
    int at = 0;
    while (entries.get(at).path().compareTo(LONG) < 0) {
      at++;
    }
    assertThat(at).isLessThan(entries.size());
    entries.add(at, PageEncoderTest.longFile("long", 40_000));
    return entries;
  }

  private static ArchivePath path(String path) throws CorruptException {
    return ArchivePathTest.path(path);
  }

  private Path write(List<EncodedPage> pages) throws Exception {
    byte[] machine = new byte[MachineId.LENGTH];
    Arrays.fill(machine, (byte) 0x11);
    byte[] transaction = new byte[TransactionId.LENGTH];
    Arrays.fill(transaction, (byte) 0x22);
    Path file = Files.createTempFile(folder, "list", "");
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      ListWriter writer =
          new ListWriter(
              channel,
              MachineId.of(machine),
              TransactionId.of(transaction),
              PATHS,
              1_700_000_000_123L);
      for (EncodedPage each : pages) {
        writer.add(each);
      }
      writer.finish(chunk(0x33), 7);
    }
    return file;
  }

  private static List<Entry> readAll(Path file) throws Exception {
    List<Entry> entries = new ArrayList<>();
    try (FileChannel channel = FileChannel.open(file)) {
      EntryCursor cursor = new EntryCursor(new ListReader(channel));
      for (Optional<Entry> next = cursor.next(); next.isPresent(); next = cursor.next()) {
        entries.add(next.get());
      }
    }
    return entries;
  }
}
