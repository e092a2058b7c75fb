package org.holdfast.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.holdfast.core.Folders;
import org.holdfast.core.RefusedException;
import org.holdfast.server.index.Batch;
import org.holdfast.server.index.Index;
import org.holdfast.server.index.IndexException;
import org.junit.jupiter.api.Test;

final class TablesTest {
  private final SimDisk disk = new SimDisk();
  private final Path state = disk.folder(DiskUser.lucky());
  private final Path fetched = state.resolve("fetched");

  private Index open(Path folder) throws RefusedException {
    return disk.open(folder, DiskUser.lucky());
  }

  private static void put(Index index, int key, int value) {
    Batch batch = new Batch();
    batch.put(new byte[] {(byte) key}, new byte[] {(byte) value});
    index.write(batch);
  }

  private static List<String> rows(Index index) {
    List<String> rows = new ArrayList<>();
    index.scan(new byte[0], (key, value) -> rows.add(key[0] + "=" + value[0]));
    return rows;
  }

  private static TreeSet<String> names(Path folder) throws Exception {
    try (Stream<Path> all = Files.list(folder)) {
      TreeSet<String> names = new TreeSet<>();
      all.forEach(file -> names.add(file.getFileName().toString()));
      return names;
    }
  }

  /// As an image is: the bytes of the files under the same names.
  private void fetch(Path links) throws Exception {
    Folders.make(fetched);
    for (String name : names(links)) {
      Files.write(fetched.resolve(name), Files.readAllBytes(links.resolve(name)));
    }
  }

  @Test
  void whatIsLinkedHasTheRowsOfItsTimeAndSharesTables() throws Exception {
    Index index = open(state.resolve("index"));
    List<TreeSet<String>> linked = new ArrayList<>();
    for (int i = 1; i <= 6; i++) {
      put(index, i, i);
      Batch gone = new Batch();
      gone.delete(new byte[] {(byte) (i - 1)});
      index.write(gone);
      Path links = state.resolve("links" + i);
      assertThat(index.linkTo(links)).isTrue();
      linked.add(names(links));
      try (Index opened = index.openLinked(links)) {
        assertThat(rows(opened)).containsExactly(i + "=" + i);
      }
    }
    assertThat(linked.get(1))
        .as("a table is not written again")
        .contains(linked.getFirst().first());
    assertThat(linked.getLast()).as("tables become one").doesNotContain(linked.getFirst().first());
    fetch(state.resolve("links5"));
    Index image = open(fetched);
    assertThat(rows(image)).containsExactly("5=5");
    put(image, 7, 7);
    image.linkTo(state.resolve("more"));
    assertThat(names(state.resolve("more"))).containsAll(tables(linked.get(4)));
  }

  private static List<String> tables(TreeSet<String> names) {
    return names.stream().filter(name -> name.endsWith(".sst")).toList();
  }

  @Test
  void aTornFileIsNoticed() throws Exception {
    Index index = open(state.resolve("index"));
    put(index, 1, 1);
    Path links = state.resolve("links");
    index.linkTo(links);
    fetch(links);
    assertThat(rows(open(fetched))).containsExactly("1=1");
    Path table = fetched.resolve(tables(names(fetched)).getFirst());
    byte[] bytes = Files.readAllBytes(table);
    bytes[bytes.length / 2] ^= 1;
    Files.write(table, bytes, StandardOpenOption.WRITE);
    Index torn = open(fetched);
    assertThatThrownBy(() -> rows(torn)).isInstanceOf(IndexException.class);
    assertThatThrownBy(() -> torn.get(new byte[] {1})).isInstanceOf(IndexException.class);
    Files.delete(table);
    assertThatThrownBy(() -> open(fetched)).isInstanceOf(RefusedException.class);
  }

  @Test
  void filesThatAreTornBeforeTheyAreOpenedAreNoIndex() throws Exception {
    Index index = open(state.resolve("index"));
    put(index, 1, 1);
    index.linkTo(state.resolve("links"));
    fetch(state.resolve("links"));
    Path table = fetched.resolve(tables(names(fetched)).getFirst());
    byte[] bytes = Files.readAllBytes(table);
    Files.delete(table);
    Files.write(table, Arrays.copyOf(bytes, bytes.length - 1));
    assertThatThrownBy(() -> open(fetched))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("not as long");
    Files.delete(fetched.resolve("CURRENT"));
    Files.write(fetched.resolve("CURRENT"), new byte[0]);
    assertThatThrownBy(() -> open(fetched)).isInstanceOf(RefusedException.class);
  }
}
