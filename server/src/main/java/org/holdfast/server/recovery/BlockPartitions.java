package org.holdfast.server.recovery;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.holdfast.core.MachineId;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;

/// What records say of blocks, in the order in which it comes, in parts that can be sorted each by
/// itself: a part holds a machine's blocks of one class, or of a large one those whose names begin
/// alike.
///
/// All are in one file, of which a part has *extents*: what has come together in memory.
///
/// Added to by one thread; then any may read.
final class BlockPartitions implements AutoCloseable {
  private static final int BUFFER_LENGTH_MIN = 512;
  private static final int EXTENT_LENGTH_MIN = 4 << 10;
  private static final int EXTENT_LENGTH_MAX = 256 << 10;

  /// Of few records a part there are many parts: an extent has a byte for so many records.
  private static final int EXTENT_PART = 2;

  /// What waits in memory has so many bytes for each record of a part at most.
  private static final int HELD_PART = 80;

  private static final byte[] NOTHING = new byte[0];

  private final ScratchFile file;
  private final MachineNumbers machines;
  private final int records;
  private final int extentLength;
  private final long heldMax;
  private BlockCounts expected = new BlockCounts();
  private Part[][] groups = new Part[0][];
  private long held;

  /// Of parts with about `records` records each.
  BlockPartitions(Path path, Spawner spawner, MachineNumbers machines, int records)
      throws UnavailableException {
    this.file = ScratchFile.open(path, spawner);
    this.machines = machines;
    this.records = records;
    this.extentLength = Math.clamp(records / EXTENT_PART, EXTENT_LENGTH_MIN, EXTENT_LENGTH_MAX);
    this.heldMax = Math.max(1 << 20, (long) records * HELD_PART);
  }

  /// Forgets all. So many come next, about: it goes by this how many parts there are.
  void clear(BlockCounts next) throws UnavailableException {
    expected = next;
    groups = new Part[0][];
    held = 0;
    file.cut(0);
  }

  void add(Routed routed, int segment) throws UnavailableException {
    byte[] bytes = routed.blocks();
    ByteBuffer in = ByteBuffer.wrap(bytes);
    int at = 0;
    int end = routed.blocksLength();
    while (at < end) {
      int length = BlockRecords.length(bytes[at]);
      Part[] parts = parts(in.getInt(at + BlockRecords.GROUP_AT));
      long prefix = Integer.toUnsignedLong(in.getInt(at + BlockRecords.NAME_AT));
      in.putInt(at + BlockRecords.SEGMENT_AT, segment);
      parts[(int) ((prefix * parts.length) >>> 32)].add(bytes, at, length);
      at += length;
    }
    if (held > heldMax) {
      endExtents();
    }
  }

  private Part[] parts(int group) {
    if (group >= groups.length) {
      groups = Arrays.copyOf(groups, Math.max(2 * groups.length, group + BlockRecords.CLASSES));
    }
    Part[] parts = groups[group];
    if (parts == null) {
      MachineId machine = machines.machine(BlockRecords.machine(group));
      parts = new Part[expected.parts(machine, group % BlockRecords.CLASSES, records)];
      Arrays.setAll(parts, _ -> new Part());
      groups[group] = parts;
    }
    return parts;
  }

  /// Whoever reads finds all that was added.
  void flush() throws UnavailableException {
    endExtents();
    file.flush();
  }

  private void endExtents() throws UnavailableException {
    for (Part[] parts : groups) {
      if (parts != null) {
        for (Part part : parts) {
          part.end();
        }
      }
    }
  }

  /// How many there are.
  BlockCounts counts() {
    BlockCounts counts = new BlockCounts();
    for (int group = 0; group < groups.length; group++) {
      if (groups[group] != null) {
        MachineId machine = machines.machine(BlockRecords.machine(group));
        for (Part part : groups[group]) {
          counts.add(machine, group % BlockRecords.CLASSES, part.records);
        }
      }
    }
    return counts;
  }

  /// Of each machine all that are not empty, in the order of their blocks' keys.
  SortedMap<MachineId, List<Part>> parts() {
    SortedMap<MachineId, List<Part>> all = new TreeMap<>();
    for (Map.Entry<MachineId, Integer> each : machines.all().entrySet()) {
      List<Part> its = new ArrayList<>();
      int from = BlockRecords.group(each.getValue(), 1);
      for (int group = from;
          group < Math.min(from + BlockRecords.CLASSES, groups.length);
          group++) {
        for (Part part : groups[group] == null ? new Part[0] : groups[group]) {
          if (part.records > 0) {
            its.add(part);
          }
        }
      }
      if (!its.isEmpty()) {
        all.put(each.getKey(), its);
      }
    }
    return all;
  }

  @Override
  public void close() {
    file.close();
  }

  /// One part.
  final class Part {
    private byte[] buffer = NOTHING;
    private int filled;

    /// Of each extent where it begins, and how long it is.
    private long[] extents = new long[2];

    private int extentCount;
    private long length;
    private int records;

    int records() {
      return records;
    }

    /// In bytes.
    long length() {
      return length;
    }

    private void add(byte[] bytes, int from, int count) throws UnavailableException {
      if (filled + count > buffer.length) {
        room(count);
      }
      System.arraycopy(bytes, from, buffer, filled, count);
      filled += count;
      held += count;
      length += count;
      records++;
    }

    private void room(int count) throws UnavailableException {
      if (buffer.length < extentLength) {
        int more = Math.clamp(2L * buffer.length, BUFFER_LENGTH_MIN, extentLength);
        buffer = Arrays.copyOf(buffer, more);
      }
      if (filled + count > buffer.length) {
        endExtent();
      }
    }

    private void endExtent() throws UnavailableException {
      if (2 * extentCount == extents.length) {
        extents = Arrays.copyOf(extents, 2 * extents.length);
      }
      extents[2 * extentCount] = file.length();
      extents[2 * extentCount + 1] = filled;
      extentCount++;
      file.append(buffer, 0, filled);
      held -= filled;
      filled = 0;
    }

    private void end() throws UnavailableException {
      if (filled > 0) {
        endExtent();
      }
      buffer = NOTHING;
    }

    /// All of it, from there on.
    void read(byte[] target, int from) throws UnavailableException {
      int at = from;
      for (int i = 0; i < extentCount; i++) {
        int count = (int) extents[2 * i + 1];
        file.read(extents[2 * i], target, at, count);
        at += count;
      }
    }
  }
}
