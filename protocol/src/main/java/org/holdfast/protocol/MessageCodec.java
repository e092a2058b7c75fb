package org.holdfast.protocol;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.holdfast.protocol.Fields.archive;
import static org.holdfast.protocol.Fields.blockClass;
import static org.holdfast.protocol.Fields.bytes;
import static org.holdfast.protocol.Fields.machine;
import static org.holdfast.protocol.Fields.name;
import static org.holdfast.protocol.Fields.names;
import static org.holdfast.protocol.Fields.optionalName;
import static org.holdfast.protocol.Fields.optionalTransaction;
import static org.holdfast.protocol.Fields.presentName;
import static org.holdfast.protocol.Fields.transaction;
import static org.holdfast.protocol.Fields.writeTransaction;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.InviteId;
import org.holdfast.core.MachineId;
import org.holdfast.core.Right;
import org.holdfast.core.ServiceId;
import org.holdfast.core.TransactionId;
import org.jspecify.annotations.Nullable;

/// Messages to frames and back, as the tables of `docs/protocol.md` lay them out.
///
/// - Strict: for each message there is exactly one encoding, and nothing else is accepted.
/// - A block's bytes are never copied: not on the way out, where they stay beside the frame's head,
///   and not on the way in, where they are a slice of the payload.
///
/// Without state: any thread.
final class MessageCodec {
  private static final Bytes MAGIC = Bytes.wrap("HOLDFAST".getBytes(US_ASCII));

  private MessageCodec() {}

  static Frame encode(int stream, Message message) {
    PayloadWriter to = new PayloadWriter();
    BlockBytes tail = write(to, message);
    return to.frame(MessageType.of(message), stream, tail);
  }

  /// Decodes a payload. The tail is a block that the carrier has kept apart; null if it has not.
  static Message decode(MessageType type, ByteBuffer payload, @Nullable BlockBytes tail)
      throws CorruptException {
    PayloadReader from = new PayloadReader(type, payload, tail);
    Message message = read(type, from);
    from.end();
    return message;
  }

  private static @Nullable BlockBytes write(PayloadWriter to, Message message) {
    switch (message) {
      case Message.Hello m ->
          to.bytes(MAGIC)
              .u16(m.lowestVersion())
              .u16(m.highestVersion())
              .line(m.agent(), 0, Message.MAX_AGENT_BYTES);
      case Message.Welcome m -> writeWelcome(to, m);
      case Message.Prove m ->
          to.bytes(m.machine().bytes()).u8(m.right().code()).bytes(m.signature());
      case Message.Register m -> writeRegister(to, m);
      case Message.Done _ -> {}
      case Message.Failure m ->
          to.u8(m.code().code())
              .u32(m.retryAfterMillis())
              .line(m.text(), 0, Message.MAX_TEXT_BYTES);
      case Message.Goodbye m -> to.line(m.reason(), 0, Message.MAX_TEXT_BYTES);
      case Message.Ping _ -> {}
      case Message.MoreCredit m -> to.u32(m.bytes());
      case Message.State m -> to.bytes(m.machine().bytes());
      case Message.StateReply m -> writeState(to, m);
      case Message.Begin m -> writeBegin(to, m);
      case Message.Begun m -> to.flag(m.resumed());
      case Message.Has m -> writeHas(to, m);
      case Message.HasReply m -> writeHasReply(to, m);
      case Message.Damaged m -> writeTransaction(to, m.machine(), m.transaction());
      case Message.DamagedReply m -> {
        to.flag(m.more()).u16(m.blocks().size());
        Fields.writeBlocks(to, m.blocks());
      }
      case Message.Store m -> {
        writeTransaction(to, m.machine(), m.transaction());
        to.u8(m.blockClass().code()).bytes(m.name().bytes());
        return m.bytes();
      }
      case Message.Checkpoint m -> {
        writeTransaction(to, m.machine(), m.transaction());
        to.present(m.root().bytes()).u64(m.sequence());
      }
      case Message.Commit m -> {
        writeTransaction(to, m.machine(), m.transaction());
        to.optional(bytes(m.root()), BlockName.LENGTH).u64(m.sequence());
      }
      case Message.Cancel m -> writeTransaction(to, m.machine(), m.transaction());
      case Message.Archives m ->
          to.bytes(m.machine().bytes()).optional(bytes(m.after()), BlockName.LENGTH).u16(m.limit());
      case Message.ArchivesReply m -> writeArchives(to, m);
      case Message.Fetch m -> writeFetch(to, m);
      case Message.Block m -> {
        to.u16(m.index()).flag(m.bytes() != null);
        return m.bytes();
      }
      case Message.Operate m -> {
        to.u16(m.words().size());
        m.words().forEach(word -> to.text(word, 0, Message.MAX_WORD_BYTES));
      }
      case Message.OperateReply m ->
          to.u8(m.exitCode()).longText(m.output(), Message.MAX_OUTPUT_BYTES);
      case Message.Deleting m -> DeleteCodec.write(to, m);
    }
    return null;
  }

  private static Message read(MessageType type, PayloadReader from) throws CorruptException {
    return switch (type) {
      case HELLO -> readHello(from);
      case WELCOME -> readWelcome(from);
      case PROVE -> new Message.Prove(machine(from), Right.of(from.u8()), signature(from));
      case REGISTER -> readRegister(from);
      case DONE -> new Message.Done();
      case ERROR ->
          new Message.Failure(
              ErrorCode.of(from.u8()), from.u32(), from.line(0, Message.MAX_TEXT_BYTES));
      case GOODBYE -> new Message.Goodbye(from.line(0, Message.MAX_TEXT_BYTES));
      case PING -> new Message.Ping();
      case CREDIT -> readCredit(from);
      case STATE -> new Message.State(machine(from));
      case STATE_REPLY -> readState(from);
      case BEGIN -> readBegin(from);
      case BEGUN -> new Message.Begun(from.flag());
      case HAS -> readHas(from);
      case HAS_REPLY -> readHasReply(from);
      case STORE ->
          new Message.Store(
              machine(from), transaction(from), blockClass(from), name(from), from.block());
      case CHECKPOINT ->
          new Message.Checkpoint(
              machine(from), transaction(from), presentName(from), from.positive());
      case COMMIT -> readCommit(from);
      case CANCEL -> new Message.Cancel(machine(from), transaction(from));
      case ARCHIVES ->
          new Message.Archives(
              machine(from), optionalName(from), from.count(1, Message.MAX_ARCHIVES));
      case ARCHIVES_REPLY -> readArchives(from);
      case FETCH -> readFetch(from);
      case BLOCK -> readBlock(from);
      case OPERATE -> readOperate(from);
      case OPERATE_REPLY ->
          new Message.OperateReply(from.u8(), from.longText(Message.MAX_OUTPUT_BYTES));
      case BEGIN_DELETE -> DeleteCodec.readBegin(from);
      case DELETE -> DeleteCodec.readDelete(from);
      case DELETE_ALL -> new Message.DeleteAll(machine(from), transaction(from));
      case COMMIT_DELETE -> new Message.CommitDelete(machine(from), transaction(from));
      case DELETION -> new Message.Deletion(from.u64());
      case CANCEL_DELETE -> new Message.CancelDelete(machine(from), transaction(from));
      case UNDELETE -> new Message.Undelete(machine(from), transaction(from));
      case DELETED -> DeleteCodec.readAsked(from);
      case DELETED_REPLY -> DeleteCodec.readDeleted(from);
      case DELETIONS -> DeleteCodec.readAskedDeletions(from);
      case DELETIONS_REPLY -> DeleteCodec.readDeletions(from);
      case DAMAGED -> new Message.Damaged(machine(from), transaction(from));
      case DAMAGED_REPLY -> readDamaged(from);
    };
  }

  private static Message readHello(PayloadReader from) throws CorruptException {
    from.require(from.bytes(MAGIC.length()).equals(MAGIC), "this is not a Holdfast client");
    int lowest = from.u16();
    int highest = from.u16();
    from.require(lowest <= highest, "versions out of order");
    return new Message.Hello(lowest, highest, from.line(0, Message.MAX_AGENT_BYTES));
  }

  private static void writeWelcome(PayloadWriter to, Message.Welcome m) {
    to.u16(m.version())
        .bytes(m.service().bytes())
        .u64(m.serverMillis())
        .u8(m.mode().code())
        .u32(m.storeCreditBytes());
  }

  private static Message readWelcome(PayloadReader from) throws CorruptException {
    return new Message.Welcome(
        from.u16(),
        new ServiceId(from.bytes(ServiceId.LENGTH)),
        from.u64(),
        ServerMode.of(from.u8()),
        from.credit());
  }

  private static void writeRegister(PayloadWriter to, Message.Register m) {
    to.bytes(m.invite().bytes())
        .bytes(m.secret())
        .bytes(m.machine().bytes())
        .line(m.name(), 1, Message.MAX_MACHINE_NAME_BYTES)
        .u8(m.credentials().size());
    for (Message.Credential each : m.credentials()) {
      to.u8(each.right().code()).bytes(each.publicKey()).bytes(each.signature());
    }
  }

  private static Message readRegister(PayloadReader from) throws CorruptException {
    InviteId invite = new InviteId(from.bytes(InviteId.LENGTH));
    Bytes secret = from.bytes(Proof.SECRET_LENGTH);
    MachineId machine = machine(from);
    String name = from.line(1, Message.MAX_MACHINE_NAME_BYTES);
    int count = from.u8();
    from.require(count >= 1 && count <= Right.values().length, "a count is out of range");
    List<Message.Credential> credentials = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      credentials.add(
          new Message.Credential(
              Right.of(from.u8()), from.bytes(Proof.KEY_LENGTH), signature(from)));
    }
    from.require(Message.Register.ascending(credentials), "rights out of order");
    return new Message.Register(invite, secret, machine, name, credentials);
  }

  private static Message readCredit(PayloadReader from) throws CorruptException {
    long bytes = from.u32();
    from.require(bytes >= 1, "credit of nothing");
    return new Message.MoreCredit(bytes);
  }

  private static void writeState(PayloadWriter to, Message.StateReply m) {
    Message.OpenTransaction open = m.open();
    to.optional(bytes(m.committed()), TransactionId.LENGTH)
        .u8(open == null ? 0 : open.kind().code())
        .optional(open == null ? null : open.transaction().bytes(), TransactionId.LENGTH)
        .u64(m.highestSequence())
        .optional(bytes(m.lastRoot()), BlockName.LENGTH)
        .u64(m.blocks())
        .u64(m.bytes());
  }

  private static Message readState(PayloadReader from) throws CorruptException {
    TransactionId committed = optionalTransaction(from);
    int kind = from.u8();
    TransactionId open = optionalTransaction(from);
    from.require((kind == 0) == (open == null), "an open transaction is half there");
    return new Message.StateReply(
        committed,
        open == null ? null : new Message.OpenTransaction(TransactionKind.of(kind), open),
        from.u64(),
        optionalName(from),
        from.u64(),
        from.u64());
  }

  private static void writeBegin(PayloadWriter to, Message.Begin m) {
    to.bytes(m.machine().bytes())
        .u8(TransactionKind.WRITE.code())
        .present(m.transaction().bytes())
        .optional(bytes(m.predecessor()), TransactionId.LENGTH);
  }

  private static Message readBegin(PayloadReader from) throws CorruptException {
    MachineId machine = machine(from);
    from.require(TransactionKind.of(from.u8()) == TransactionKind.WRITE, "not a write");
    return new Message.Begin(machine, transaction(from), optionalTransaction(from));
  }

  private static void writeHas(PayloadWriter to, Message.Has m) {
    writeTransaction(to, m.machine(), m.transaction());
    Fields.writeNames(to, m.blockClass(), m.names());
  }

  private static Message readHas(PayloadReader from) throws CorruptException {
    return new Message.Has(machine(from), transaction(from), blockClass(from), names(from));
  }

  private static void writeHasReply(PayloadWriter to, Message.HasReply m) {
    to.u16(m.count());
    byte[] bits = new byte[(m.count() + 7) / 8];
    m.there().stream().forEach(i -> bits[i / 8] |= (byte) (0x80 >>> (i % 8)));
    to.bytes(bits);
  }

  private static Message readHasReply(PayloadReader from) throws CorruptException {
    int count = from.count(1, Message.MAX_NAMES);
    Bytes bits = from.bytes((count + 7) / 8);
    BitSet there = new BitSet(count);
    for (int i = 0; i < 8 * bits.length(); i++) {
      if ((bits.at(i / 8) & (0x80 >>> (i % 8))) != 0) {
        there.set(i);
      }
    }
    from.require(there.length() <= count, "bits too many");
    return new Message.HasReply(count, there);
  }

  private static Message readCommit(PayloadReader from) throws CorruptException {
    MachineId machine = machine(from);
    TransactionId transaction = transaction(from);
    BlockName root = optionalName(from);
    long sequence = from.u64();
    from.require((root == null) == (sequence == 0), "an archive is half there");
    return new Message.Commit(machine, transaction, root, sequence);
  }

  private static void writeArchives(PayloadWriter to, Message.ArchivesReply m) {
    to.flag(m.more()).u16(m.archives().size());
    m.archives().forEach(each -> Fields.writeArchive(to, each));
  }

  private static Message readArchives(PayloadReader from) throws CorruptException {
    boolean more = from.flag();
    int count = from.count(more ? 1 : 0, Message.MAX_ARCHIVES);
    List<Message.Archive> archives = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      archives.add(archive(from));
    }
    return new Message.ArchivesReply(more, archives);
  }

  private static void writeFetch(PayloadWriter to, Message.Fetch m) {
    to.bytes(m.machine().bytes()).u32(m.creditBytes()).u16(m.blocks().size());
    Fields.writeBlocks(to, m.blocks());
  }

  private static Message readDamaged(PayloadReader from) throws CorruptException {
    boolean more = from.flag();
    return new Message.DamagedReply(
        more, Fields.blocks(from, from.count(more ? 1 : 0, Message.MAX_NAMES)));
  }

  private static Message readFetch(PayloadReader from) throws CorruptException {
    MachineId machine = machine(from);
    long creditBytes = from.credit();
    int count = from.count(1, Message.MAX_NAMES);
    return new Message.Fetch(machine, creditBytes, Fields.blocks(from, count));
  }

  private static Message readBlock(PayloadReader from) throws CorruptException {
    int index = from.count(0, Message.MAX_NAMES - 1);
    return new Message.Block(index, from.flag() ? from.block() : null);
  }

  private static Message readOperate(PayloadReader from) throws CorruptException {
    int count = from.count(1, Message.MAX_WORDS);
    List<String> words = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      words.add(from.text(0, Message.MAX_WORD_BYTES));
    }
    return new Message.Operate(words);
  }

  private static Bytes signature(PayloadReader from) throws CorruptException {
    return from.bytes(Proof.SIGNATURE_LENGTH);
  }
}
