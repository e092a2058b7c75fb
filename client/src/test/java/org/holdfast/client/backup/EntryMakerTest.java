package org.holdfast.client.backup;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.archive.Attributes;
import org.holdfast.client.tree.ExtendedAttribute;
import org.holdfast.client.tree.FileStatus;
import org.holdfast.client.tree.MemoryTree;
import org.holdfast.client.tree.Metadata;
import org.holdfast.client.tree.TargetFile;
import org.holdfast.client.tree.Timestamp;
import org.holdfast.core.Bytes;
import org.junit.jupiter.api.Test;

final class EntryMakerTest {
  private static final byte[] NAME = {'f'};

  private final Counts counts = new Counts();

  @Test
  void attributesAreKept() throws Exception {
    var metadata = metadata(Attributes.COUNT_MAX);
    assertThat(metadata.attributes().list()).hasSize(Attributes.COUNT_MAX);
    assertThat(metadata.inode()).isNotZero();
    assertThat(counts.unreadable()).isZero();
  }

  @Test
  void moreAttributesThanAnArchiveHoldsAreToldEachTime() throws Exception {
    var metadata = metadata(Attributes.COUNT_MAX + 1);
    assertThat(metadata.attributes().isEmpty()).isTrue();
    assertThat(counts.unreadable()).isEqualTo(1);
    assertThat(counts.named().getFirst().reason()).contains("without its extended attributes");
    // What is not kept of an entry is looked for again in the next backup.
    assertThat(metadata.inode()).isZero();
  }

  private org.holdfast.client.archive.Metadata metadata(int attributes) throws Exception {
    MemoryTree tree = new MemoryTree();
    try (TargetFile file = tree.createFile(NAME)) {
      List<ExtendedAttribute> list = new ArrayList<>();
      for (int i = 0; i < attributes; i++) {
        list.add(
            new ExtendedAttribute(
                Bytes.wrap(("user." + i).getBytes(java.nio.charset.StandardCharsets.US_ASCII)),
                Bytes.wrap(new byte[3])));
      }
      file.finish(new Metadata(0644, 1, 1, new Timestamp(1, 1), list));
    }
    FileStatus status = tree.status(NAME);
    ArchivePath path = ArchivePath.of(NAME);
    return new EntryMaker(tree, counts).metadata(NAME, path, status, null);
  }
}
