package org.holdfast.server.recovery;

import java.util.List;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;

/// What a record says of a block, as it is kept until it is sorted.
///
/// ```
/// | kind 1 | group 4 | segment 4 | name 32 | body
///
/// stored   number 8, begun 8, length 4, crc 4, offset 4
/// moved    stored 8, begun 8, length 4, crc 4, offset 4, deleted 8
/// deleted  stored 8, begun 8
/// freed    number 8, stored 8
/// ```
///
/// A *group* is a machine's blocks of one class. The segment is counted in the order of the log;
/// *stored* and *moved* lie in it, `offset` bytes behind its header.
final class BlockRecords {
  static final byte STORED = 1;
  static final byte MOVED = 2;
  static final byte DELETED = 3;
  static final byte FREED = 4;

  static final int GROUP_AT = 1;
  static final int SEGMENT_AT = 5;
  static final int NAME_AT = 9;
  static final int BODY_AT = NAME_AT + BlockName.LENGTH;

  /// Behind the body's beginning, of *stored* and *moved*.
  static final int OFFSET_AT = 24;

  static final int DELETED_AT = 28;

  /// No record is longer.
  static final int LENGTH_MAX = BODY_AT + 36;

  /// In the order of their codes.
  private static final List<BlockClass> KINDS =
      List.of(BlockClass.CHUNK, BlockClass.PAGE, BlockClass.ROOT, BlockClass.RUN);

  static final int CLASSES = KINDS.size();

  private BlockRecords() {}

  /// Of a record of this kind.
  static int length(byte kind) {
    return switch (kind) {
      case STORED -> BODY_AT + 28;
      case MOVED -> LENGTH_MAX;
      default -> BODY_AT + 16;
    };
  }

  /// Of the machine with this number, and the class with this code.
  static int group(int machine, int classCode) {
    return machine * CLASSES + classCode - 1;
  }

  static int machine(int group) {
    return group / CLASSES;
  }

  static BlockClass kind(int group) {
    return KINDS.get(group % CLASSES);
  }
}
