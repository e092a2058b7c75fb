package org.holdfast.client.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.holdfast.client.restore.RestoreFixture.bytes;
import static org.holdfast.client.restore.RestoreFixture.content;
import static org.holdfast.client.restore.RestoreFixture.metadata;

import java.nio.file.Path;
import java.util.List;
import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.tree.FileAccessException;
import org.holdfast.client.tree.FileType;
import org.holdfast.client.tree.OrdinaryUser;
import org.holdfast.client.tree.PosixTarget;
import org.holdfast.client.tree.Shortfall;
import org.holdfast.client.tree.TemporaryFolder;
import org.junit.jupiter.api.Test;

/// A restore by somebody who is not root.
final class OrdinaryRestoreTest {
  @Test
  void whatOnlyRootMayDoIsCountedAndTheRestComesBack() throws Exception {
    try (TemporaryFolder folder = new TemporaryFolder()) {
      OrdinaryUser.check(folder, OrdinaryRestoreTest.class, OrdinaryRestoreTest::checkAll);
    }
  }

  /// Runs as the ordinary user.
  public static void main(String[] arguments) throws Exception {
    checkAll(Path.of(arguments[0]));
    System.exit(0);
  }

  private static void checkAll(Path work) throws Exception {
    try (RestoreFixture fixture = new RestoreFixture()) {
      fixture.folder("closed");
      fixture.file("closed/file", content(1, 9_000));
      fixture.tree.finish(bytes("closed"), FileType.FOLDER, metadata(0500, 1));
      fixture.tree.createSpecial(bytes("device"), FileType.CHAR_DEVICE, 1, 3);
      fixture.tree.createHardLink(bytes("device-too"), bytes("device"));
      fixture.file("suid", content(2, 10));
      try (var file = fixture.tree.openExisting(bytes("suid"))) {
        file.finish(metadata(06755, 1));
      }
      fixture.archive(4_096);
      checkShortfalls(fixture.restore(RestoreOptions.WHOLE));
      fixture.tree.remove(bytes("device"));
      fixture.tree.remove(bytes("device-too"));
      fixture.assertEqual(fixture.tree, true);
      RestoreSummary resumed =
          fixture.restore(RestoreOptions.of(ArchivePath.ROOT, List.of()).over(Overwrite.CHANGED));
      assertThat(resumed.kept()).isEqualTo(2);
      fixture.assertEqual(fixture.tree, true);
      checkForbidden(fixture);
    }
  }

  private static void checkShortfalls(RestoreSummary summary) {
    assertThat(summary.failed()).isEmpty();
    assertThat(summary.shortfalls())
        .containsEntry(Shortfall.OWNER, 3L)
        .containsEntry(Shortfall.SETUID_BITS, 1L)
        .containsEntry(Shortfall.SPECIAL, 2L);
    assertThat(summary.files()).isEqualTo(2);
    assertThat(summary.others()).isZero();
  }

  private static void checkForbidden(RestoreFixture fixture) throws Exception {
    RestoreOptions resume = RestoreOptions.of(ArchivePath.ROOT, List.of()).over(Overwrite.CHANGED);
    try (PosixTarget forbidden = PosixTarget.open(bytes("/usr"))) {
      assertThatThrownBy(() -> fixture.restore(forbidden, resume, Window.Sizes.DEFAULT))
          .isInstanceOf(FileAccessException.class)
          .hasMessageStartingWith("cannot create folder /usr/closed: ");
    }
    assertThatThrownBy(() -> PosixTarget.open(bytes("/usr/target")))
        .isInstanceOf(FileAccessException.class)
        .hasMessageStartingWith("cannot create a folder in /usr/: Permission denied");
    assertThatThrownBy(() -> PosixTarget.open(bytes("/usr/nowhere/target")))
        .isInstanceOf(FileAccessException.class)
        .hasMessageStartingWith("cannot open /usr/nowhere/: No such file");
  }
}
