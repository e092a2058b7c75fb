package org.holdfast.protocol;

import java.util.ArrayList;
import java.util.List;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.MachineId;
import org.holdfast.core.TransactionId;
import org.jspecify.annotations.Nullable;

/// Fields that several messages have. Without state: any thread.
final class Fields {
  private Fields() {}

  static void writeTransaction(PayloadWriter to, MachineId machine, TransactionId transaction) {
    to.bytes(machine.bytes()).present(transaction.bytes());
  }

  static @Nullable Bytes bytes(@Nullable TransactionId id) {
    return id == null ? null : id.bytes();
  }

  static @Nullable Bytes bytes(@Nullable BlockName name) {
    return name == null ? null : name.bytes();
  }

  static MachineId machine(PayloadReader from) throws CorruptException {
    return new MachineId(from.bytes(MachineId.LENGTH));
  }

  static TransactionId transaction(PayloadReader from) throws CorruptException {
    return new TransactionId(from.present(TransactionId.LENGTH));
  }

  static @Nullable TransactionId optionalTransaction(PayloadReader from) throws CorruptException {
    Bytes bytes = from.optional(TransactionId.LENGTH);
    return bytes == null ? null : new TransactionId(bytes);
  }

  static BlockClass blockClass(PayloadReader from) throws CorruptException {
    return BlockClass.of(from.u8());
  }

  static BlockName name(PayloadReader from) throws CorruptException {
    return new BlockName(from.bytes(BlockName.LENGTH));
  }

  static BlockName presentName(PayloadReader from) throws CorruptException {
    return new BlockName(from.present(BlockName.LENGTH));
  }

  static @Nullable BlockName optionalName(PayloadReader from) throws CorruptException {
    Bytes bytes = from.optional(BlockName.LENGTH);
    return bytes == null ? null : new BlockName(bytes);
  }

  static void writeNames(PayloadWriter to, BlockClass blockClass, List<BlockName> names) {
    to.u8(blockClass.code()).u16(names.size());
    names.forEach(name -> to.bytes(name.bytes()));
  }

  static List<BlockName> names(PayloadReader from) throws CorruptException {
    int count = from.count(1, Message.MAX_NAMES);
    List<BlockName> names = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      names.add(name(from));
    }
    return names;
  }

  static void writeBlocks(PayloadWriter to, List<BlockRef> blocks) {
    for (BlockRef each : blocks) {
      to.u8(each.blockClass().code()).bytes(each.name().bytes());
    }
  }

  static List<BlockRef> blocks(PayloadReader from, int count) throws CorruptException {
    List<BlockRef> blocks = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      blocks.add(new BlockRef(blockClass(from), name(from)));
    }
    return blocks;
  }

  static void writeArchive(PayloadWriter to, Message.Archive archive) {
    to.present(archive.root().bytes())
        .u64(archive.sequence())
        .u64(archive.committedMillis())
        .flag(archive.partial());
  }

  static Message.Archive archive(PayloadReader from) throws CorruptException {
    return new Message.Archive(presentName(from), from.positive(), from.u64(), from.flag());
  }
}
