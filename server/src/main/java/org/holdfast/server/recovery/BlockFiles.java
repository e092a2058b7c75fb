package org.holdfast.server.recovery;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.Invariant;
import org.holdfast.core.MachineId;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.LogEntry;
import org.holdfast.log.LogRecord;
import org.holdfast.log.SegmentId;
import org.holdfast.server.state.BlockRecords;
import org.jspecify.annotations.Nullable;

/// What records say of blocks, in the order of the log, in files whose blocks follow on each other:
/// all of a file come before all of the next in the order of their keys.
///
/// A *group* is a machine's blocks of one class. Small ones share a file; a large one has several,
/// by the first bits of the names, which are hashes.
///
/// ```
/// +--------+---------+---------+ number 8 | begun 8 | length 4 | crc 4 | place 16    stored
/// | kind 1 | group 4 | name 32 | stored 8 | begun 8 | length 4 | crc 4 | place 16 | deleted 8
/// |        |         |         | stored 8 | begun 8                                 deleted
/// +--------+---------+---------+ number 8 | stored 8                                freed
/// ```
///
/// Used by one thread.
final class BlockFiles implements BlockRecords, AutoCloseable {
  /// In the order of their codes.
  private static final List<BlockClass> KINDS =
      List.of(BlockClass.CHUNK, BlockClass.PAGE, BlockClass.ROOT, BlockClass.RUN);

  static final int CLASSES = KINDS.size();

  static final byte STORED = 1;
  static final byte MOVED = 2;
  static final byte DELETED = 3;
  static final byte FREED = 4;

  static final int KEY_LENGTH = 5 + BlockName.LENGTH;

  /// No record is longer.
  static final int LENGTH_MAX = KEY_LENGTH + 48;

  private static final int BUFFER_LENGTH_MIN = 4 << 10;
  private static final int BUFFER_LENGTH_MAX = 64 << 10;

  /// Of few records a file there are many files: a buffer has a byte for so many records.
  private static final int BUFFER_PART = 10;

  private final List<MachineId> machines;
  private final int[] first;
  private final int[] splits;
  private final List<Part> parts = new ArrayList<>();

  private @Nullable MachineId lastMachine;
  private int lastOrdinal;
  private @Nullable UnavailableException failure;

  /// Files in `folder`, each with about `records` of the records that `counts` holds at most.
  BlockFiles(Path folder, SortedMap<MachineId, long[]> counts, int records)
      throws UnavailableException {
    machines = List.copyOf(counts.keySet());
    List<long[]> byMachine = List.copyOf(counts.values());
    first = new int[machines.size() * CLASSES];
    splits = new int[first.length];
    int length = Math.clamp(records / BUFFER_PART, BUFFER_LENGTH_MIN, BUFFER_LENGTH_MAX);
    long inLast = Integer.MAX_VALUE;
    for (int group = 0; group < first.length; group++) {
      long count = byMachine.get(group / CLASSES)[group % CLASSES];
      splits[group] = (int) Math.max(1, (count + records - 1) / records);
      if (splits[group] == 1 && inLast + count <= records) {
        first[group] = parts.size() - 1;
        inLast += count;
        continue;
      }
      first[group] = parts.size();
      for (int i = 0; i < splits[group]; i++) {
        parts.add(new Part(ScratchFile.open(folder.resolve("blocks-" + parts.size())), length));
      }
      inLast = splits[group] == 1 ? count : Integer.MAX_VALUE;
    }
  }

  /// What a record says of a block that is no root; empty for other records.
  static Optional<Group> group(LogRecord item) {
    return switch (item) {
      case LogRecord.BlockStored r -> group(r.machine(), r.kind());
      case LogRecord.BlockStoredAgain r -> group(r.machine(), r.kind());
      case LogRecord.CopyMoved r -> group(r.machine(), r.kind());
      case LogRecord.CopyDeleted r -> group(r.machine(), r.kind());
      case LogRecord.CopyFreed r -> group(r.machine(), r.kind());
      default -> Optional.empty();
    };
  }

  private static Optional<Group> group(MachineId machine, BlockClass kind) {
    return kind == BlockClass.ROOT
        ? Optional.empty()
        : Optional.of(new Group(machine, kind.code() - 1));
  }

  @Override
  public void add(LogEntry entry, SegmentId segment) {
    long number = entry.number();
    switch (entry.item()) {
      case LogRecord.BlockStored r -> {
        ByteBuffer out = begin(STORED, r.machine(), r.kind(), r.name());
        out.putLong(number).putLong(r.begun()).putInt(r.length()).putInt(r.crc());
        place(out, entry, segment);
      }
      case LogRecord.BlockStoredAgain r -> {
        ByteBuffer out = begin(STORED, r.machine(), r.kind(), r.name());
        out.putLong(number).putLong(r.begun()).putInt(r.length()).putInt(r.crc());
        place(out, entry, segment);
      }
      case LogRecord.CopyMoved r -> {
        ByteBuffer out = begin(MOVED, r.machine(), r.kind(), r.name());
        out.putLong(r.stored()).putLong(r.begun()).putInt(r.length()).putInt(r.crc());
        place(out, entry, segment).putLong(r.deletedBy());
      }
      case LogRecord.CopyDeleted r ->
          begin(DELETED, r.machine(), r.kind(), r.name()).putLong(r.stored()).putLong(r.begun());
      case LogRecord.CopyFreed r ->
          begin(FREED, r.machine(), r.kind(), r.name()).putLong(number).putLong(r.stored());
      default -> throw new IllegalArgumentException("no record of a block");
    }
  }

  private ByteBuffer begin(byte kind, MachineId machine, BlockClass blockClass, BlockName name) {
    int group = ordinal(machine) * CLASSES + blockClass.code() - 1;
    int part = first[group];
    if (splits[group] > 1) {
      long bits = 0;
      for (int i = 0; i < Integer.BYTES; i++) {
        bits = (bits << 8) | Byte.toUnsignedLong(name.bytes().at(i));
      }
      part += (int) ((bits * splits[group]) >>> 32);
    }
    ByteBuffer out = room(parts.get(part)).put(kind).putInt(group);
    return name.bytes().putInto(out);
  }

  private ByteBuffer room(Part part) {
    if (part.buffer.remaining() < LENGTH_MAX) {
      try {
        part.flush();
      } catch (UnavailableException e) {
        // A state's records cannot fail on a disk: whoever asks for the files is told.
        failure = e;
        part.buffer.clear();
      }
    }
    part.records++;
    return part.buffer;
  }

  private int ordinal(MachineId machine) {
    if (!machine.equals(lastMachine)) {
      lastMachine = machine;
      lastOrdinal = Collections.binarySearch(machines, machine);
      Invariant.check(lastOrdinal >= 0, "every machine was counted");
    }
    return lastOrdinal;
  }

  private static ByteBuffer place(ByteBuffer out, LogEntry entry, SegmentId segment) {
    return out.putInt(segment.epoch())
        .putLong(segment.number())
        .putInt(Math.toIntExact(entry.dataOffset()));
  }

  /// All that was added is in them.
  List<Part> parts() throws UnavailableException {
    if (failure != null) {
      throw failure;
    }
    for (Part part : parts) {
      part.flush();
    }
    return parts;
  }

  MachineId machine(int group) {
    return machines.get(group / CLASSES);
  }

  static BlockClass kind(int group) {
    return KINDS.get(group % CLASSES);
  }

  @Override
  public void close() {
    parts.forEach(part -> part.file.close());
  }

  /// A machine's blocks of one class, counted from 0.
  record Group(MachineId machine, int kind) {}

  /// One file.
  static final class Part {
    private final ScratchFile file;
    private final ByteBuffer buffer;
    private int records;

    Part(ScratchFile file, int bufferLength) {
      this.file = file;
      this.buffer = ByteBuffer.allocate(bufferLength);
      file.cut(0);
    }

    int records() {
      return records;
    }

    long length() {
      return file.length();
    }

    byte[] read() throws UnavailableException {
      return file.read(0, Math.toIntExact(file.length()));
    }

    private void flush() throws UnavailableException {
      file.append(buffer.flip());
      buffer.clear();
    }
  }
}
