package org.holdfast.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.holdfast.core.Folders;
import org.junit.jupiter.api.Test;

final class VolumeTest {
  private static final int CUTS = 200;

  /// What a power cut leaves of a file that is written, perhaps forced, and put in another's place.
  private static TreeSet<String> afterCuts(boolean isForced, boolean isFolderForced)
      throws Exception {
    TreeSet<String> found = new TreeSet<>();
    for (int seed = 0; seed < CUTS; seed++) {
      Volume volume = new Volume();
      Path file = new VolumeFiles(volume, DiskUser.lucky()).getPath("/state/file");
      Path next = file.resolveSibling("next");
      Folders.make(file.getParent());
      Files.writeString(file, "old");
      force(file);
      Folders.sync(file.getParent());
      Files.writeString(next, "new");
      if (isForced) {
        force(next);
      }
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
      if (isFolderForced) {
        Folders.sync(file.getParent());
      }
      volume.cutPower(new SplittableRandom(seed));
      found.add(Files.readString(file));
    }
    return found;
  }

  private static void force(Path file) throws Exception {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }

  @Test
  void whatIsForcedWithItsNameStays() throws Exception {
    assertThat(afterCuts(true, true)).containsExactly("new");
  }

  @Test
  void aRenameThatIsNotForcedHasHappenedOrNot() throws Exception {
    assertThat(afterCuts(true, false)).containsExactly("new", "old");
  }

  @Test
  void aFileThatIsNotForcedIsTorn() throws Exception {
    assertThat(afterCuts(false, true)).contains("", "n", "n\0\0", "new");
  }

  @Test
  void aFolderIsLostWithItsName() throws Exception {
    int lost = 0;
    for (int seed = 0; seed < CUTS; seed++) {
      Volume volume = new Volume();
      Path folder = new VolumeFiles(volume, DiskUser.lucky()).getPath("/state");
      Files.createDirectories(folder);
      Folders.sync(Files.createDirectory(folder.resolve("inside")).getParent());
      volume.cutPower(new SplittableRandom(seed));
      lost += Files.exists(folder) ? 0 : 1;
    }
    assertThat(lost).isBetween(1, CUTS - 1);
  }
}
