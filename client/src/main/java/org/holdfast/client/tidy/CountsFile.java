package org.holdfast.client.tidy;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
import org.holdfast.client.catalog.NameCounts;
import org.holdfast.core.BlockName;
import org.holdfast.core.Folders;
import org.holdfast.core.MachineId;

/// The file `counts` of a machine's cache folder. `docs/format-archive.md` has the bytes.
///
/// It may be deleted at any time; one that is damaged, or of another machine or version, is as good
/// as none. Replaced in one step, and on the disk after [#write]. An I/O edge.
final class CountsFile {
  private static final String NAME = "counts";
  private static final byte[] MAGIC = "HFCOUN01".getBytes(StandardCharsets.US_ASCII);
  private static final int BUFFER_LENGTH = 1 << 16;

  private final Path file;
  private final MachineId machine;

  CountsFile(Path folder, MachineId machine) {
    this.file = folder.resolve(NAME);
    this.machine = machine;
  }

  /// What was kept, if it can be used.
  Optional<BlockCounts> read() throws IOException {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      CRC32C sum = new CRC32C();
      DataInputStream in =
          new DataInputStream(
              new CheckedInputStream(
                  new BufferedInputStream(Channels.newInputStream(channel), BUFFER_LENGTH), sum));
      long left = channel.size() - MAGIC.length - MachineId.LENGTH - Integer.BYTES;
      if (left < 0
          || !Arrays.equals(in.readNBytes(MAGIC.length), MAGIC)
          || !Arrays.equals(in.readNBytes(MachineId.LENGTH), machine.bytes().toArray())) {
        return Optional.empty();
      }
      return body(in, sum, left);
    }
  }

  private static Optional<BlockCounts> body(DataInputStream in, CRC32C sum, long length)
      throws IOException {
    Set<BlockName> roots = new HashSet<>();
    long left = length;
    long count = in.readInt() & 0xffff_ffffL;
    left -= Integer.BYTES + count * BlockName.LENGTH;
    for (long i = 0; left >= 0 && i < count; i++) {
      roots.add(BlockName.of(in.readNBytes(BlockName.LENGTH)));
    }
    NameCounts[] both = {new NameCounts(), new NameCounts()};
    for (NameCounts names : both) {
      if (left < Integer.BYTES) {
        return Optional.empty();
      }
      count = in.readInt() & 0xffff_ffffL;
      left -= Integer.BYTES + count * (BlockName.LENGTH + Integer.BYTES);
      for (long i = 0; left >= 0 && i < count; i++) {
        byte[] name = in.readNBytes(BlockName.LENGTH);
        int uses = in.readInt();
        if (uses < 1) {
          return Optional.empty();
        }
        names.add(name, uses);
      }
    }
    int expected = (int) sum.getValue();
    boolean isWhole = left == 0 && in.readInt() == expected;
    return isWhole ? Optional.of(new BlockCounts(roots, both[0], both[1])) : Optional.empty();
  }

  /// Keeps these, in the place of what was there.
  void write(BlockCounts counts) throws IOException {
    Folders.replace(file, channel -> write(counts, channel));
  }

  private void write(BlockCounts counts, FileChannel channel) throws IOException {
    CRC32C sum = new CRC32C();
    DataOutputStream out =
        new DataOutputStream(
            new CheckedOutputStream(
                new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER_LENGTH), sum));
    out.write(MAGIC);
    out.write(machine.bytes().toArray());
    out.writeInt(counts.roots().size());
    for (BlockName root : counts.roots().stream().sorted().toList()) {
      out.write(root.bytes().toArray());
    }
    write(counts.pages(), out);
    write(counts.chunks(), out);
    out.writeInt((int) sum.getValue());
    out.flush();
  }

  /// Removes what was kept.
  void delete() throws IOException {
    Files.deleteIfExists(file);
  }

  private static void write(NameCounts names, DataOutputStream out) throws IOException {
    out.writeInt((int) names.used());
    names.each((bytes, from, count) -> {
      out.write(bytes, from, BlockName.LENGTH);
      out.writeInt(count);
    });
  }
}
