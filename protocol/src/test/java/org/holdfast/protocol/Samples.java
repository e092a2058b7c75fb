package org.holdfast.protocol;

import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.InviteId;
import org.holdfast.core.MachineId;
import org.holdfast.core.Right;
import org.holdfast.core.ServiceId;
import org.holdfast.core.TransactionId;

/// One or two messages of each type, with values that are easy to find in a dump.
final class Samples {
  static final MachineId MACHINE = new MachineId(run(0x10, 16));
  static final TransactionId TRANSACTION = new TransactionId(run(0x20, 16));
  static final TransactionId PREDECESSOR = new TransactionId(run(0x30, 16));
  static final ServiceId SERVICE = new ServiceId(run(0x40, 16));
  static final InviteId INVITE = new InviteId(run(0x50, 16));
  static final BlockName NAME = new BlockName(run(0x60, 32));
  static final BlockName ROOT = new BlockName(run(0x80, 32));
  static final BlockName OTHER = new BlockName(run(0xe0, 32));
  static final Bytes SECRET = run(0xa0, 32);
  static final Bytes SIGNATURE = run(0xc0, 64);
  static final int MIB = 1 << 20;

  private Samples() {}

  static Map<String, Received> all() {
    Map<String, Received> all = new LinkedHashMap<>();
    session(all);
    writing(all);
    reading(all);
    deleting(all);
    return all;
  }

  static Bytes run(int start, int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) (start + i);
    }
    return Bytes.wrap(bytes);
  }

  static BlockBytes block(int start, int length) {
    return BlockBytes.of(ByteBuffer.wrap(run(start, length).toArray()));
  }

  private static void session(Map<String, Received> all) {
    put(all, "hello", 0, new Message.Hello(1, 3, "holdfast 0.1 é"));
    put(
        all,
        "welcome",
        0,
        new Message.Welcome(1, SERVICE, 1767225600123L, ServerMode.ALL, 64L * MIB));
    put(
        all,
        "welcome read-only",
        0,
        new Message.Welcome(1, SERVICE, 1767225600123L, ServerMode.READ_ONLY, 16L * MIB));
    put(all, "prove", 1, new Message.Prove(MACHINE, Right.READ, SIGNATURE));
    put(
        all,
        "register",
        2,
        new Message.Register(
            INVITE,
            SECRET,
            MACHINE,
            "büro",
            List.of(
                new Message.Credential(Right.WRITE, run(8, 32), SIGNATURE),
                new Message.Credential(Right.TIDY, OTHER.bytes(), SIGNATURE))));
    put(all, "done", 3, new Message.Done());
    put(all, "error", 4, new Message.Failure(ErrorCode.UNAVAILABLE, 1500, "come back"));
    put(all, "goodbye", 0, new Message.Goodbye("stopping"));
    put(all, "ping", 0, new Message.Ping());
    put(all, "credit", 0xfffffffe, new Message.MoreCredit(0xffffffffL));
  }

  private static void writing(Map<String, Received> all) {
    put(all, "state", 5, new Message.State(MACHINE));
    put(
        all,
        "state reply",
        5,
        new Message.StateReply(
            TRANSACTION,
            new Message.OpenTransaction(TransactionKind.DELETE, PREDECESSOR),
            7,
            ROOT,
            1234,
            5678901234L));
    put(all, "state reply of a new machine", 5, new Message.StateReply(null, null, 0, null, 0, 0));
    put(all, "begin", 6, new Message.Begin(MACHINE, TRANSACTION, PREDECESSOR));
    put(all, "begin the first", 6, new Message.Begin(MACHINE, TRANSACTION, null));
    put(all, "begun", 6, new Message.Begun(true));
    put(
        all,
        "has",
        7,
        new Message.Has(MACHINE, TRANSACTION, BlockClass.CHUNK, List.of(NAME, OTHER)));
    BitSet there = new BitSet();
    there.set(0);
    there.set(7);
    there.set(9);
    put(all, "has reply", 7, new Message.HasReply(10, there));
    put(
        all,
        "store",
        8,
        new Message.Store(MACHINE, TRANSACTION, BlockClass.RUN, NAME, block(1, 20)));
    put(all, "checkpoint", 9, new Message.Checkpoint(MACHINE, TRANSACTION, ROOT, 8));
    put(all, "commit", 10, new Message.Commit(MACHINE, TRANSACTION, ROOT, 8));
    put(all, "commit nothing", 10, new Message.Commit(MACHINE, TRANSACTION, null, 0));
    put(all, "cancel", 11, new Message.Cancel(MACHINE, TRANSACTION));
  }

  private static void reading(Map<String, Received> all) {
    put(all, "archives", 12, new Message.Archives(MACHINE, ROOT, 1024));
    put(all, "archives from the start", 12, new Message.Archives(MACHINE, null, 1));
    put(
        all,
        "archives reply",
        12,
        new Message.ArchivesReply(
            true,
            List.of(
                new Message.Archive(ROOT, 8, 1767225600456L, false),
                new Message.Archive(OTHER, 9, 1767225600789L, true))));
    put(all, "archives reply of none", 12, new Message.ArchivesReply(false, List.of()));
    put(
        all,
        "fetch",
        13,
        new Message.Fetch(
            MACHINE,
            16L * MIB,
            List.of(new BlockRef(BlockClass.CHUNK, NAME), new BlockRef(BlockClass.PAGE, OTHER))));
    put(all, "block", 13, new Message.Block(1, block(1, 20)));
    put(all, "block missing", 13, new Message.Block(4095, null));
    put(all, "operate", 14, new Message.Operate(List.of("status", "-v\n")));
    put(all, "operate reply", 14, new Message.OperateReply(7, "one\ntw"));
  }

  private static void deleting(Map<String, Received> all) {
    put(all, "begin delete", 15, new Message.BeginDelete(MACHINE, TRANSACTION, PREDECESSOR, true));
    put(
        all,
        "begin delete the first",
        15,
        new Message.BeginDelete(MACHINE, TRANSACTION, null, false));
    put(
        all,
        "delete",
        16,
        new Message.Delete(MACHINE, TRANSACTION, BlockClass.ROOT, List.of(ROOT, OTHER)));
    put(all, "delete all", 17, new Message.DeleteAll(MACHINE, TRANSACTION));
    put(all, "commit delete", 18, new Message.CommitDelete(MACHINE, TRANSACTION));
    put(all, "deletion", 18, new Message.Deletion(1769817600123L));
    put(all, "cancel delete", 19, new Message.CancelDelete(MACHINE, TRANSACTION));
    put(all, "undelete", 20, new Message.Undelete(MACHINE, TRANSACTION));
    put(all, "deleted", 21, new Message.Deleted(MACHINE, ROOT, 1024));
    put(all, "deleted from the start", 21, new Message.Deleted(MACHINE, null, 1));
    put(
        all,
        "deleted reply",
        21,
        new Message.DeletedReply(
            true,
            List.of(
                new Message.DeletedArchive(
                    new Message.Archive(ROOT, 8, 1767225600456L, false),
                    TRANSACTION,
                    1767225600789L,
                    1769817600123L),
                new Message.DeletedArchive(
                    new Message.Archive(OTHER, 9, 1767225600790L, true),
                    PREDECESSOR,
                    1767225600791L,
                    1767225600792L))));
    put(all, "deleted reply of none", 21, new Message.DeletedReply(false, List.of()));
    put(all, "deletions", 22, new Message.Deletions(MACHINE, 77, 1024));
    put(
        all,
        "deletions reply",
        22,
        new Message.DeletionsReply(
            true,
            List.of(
                new Message.MadeDeletion(78, TRANSACTION, 1767225600789L, 1769817600123L, 5),
                new Message.MadeDeletion(
                    Long.MAX_VALUE, PREDECESSOR, 1767225600790L, 1767225600791L, 1L << 40))));
    put(all, "deletions reply of none", 22, new Message.DeletionsReply(false, List.of()));
    put(all, "damaged", 23, new Message.Damaged(MACHINE, TRANSACTION));
    put(
        all,
        "damaged reply",
        23,
        new Message.DamagedReply(
            true,
            List.of(new BlockRef(BlockClass.CHUNK, NAME), new BlockRef(BlockClass.PAGE, OTHER))));
    put(all, "damaged reply of none", 23, new Message.DamagedReply(false, List.of()));
  }

  private static void put(Map<String, Received> all, String name, int stream, Message message) {
    all.put(name, new Received(stream, message));
  }
}
