package org.holdfast.protocol;

import org.holdfast.core.CorruptException;

/// The type byte of each message, and how long its payload may be: a header that claims more is
/// refused before any memory is taken.
enum MessageType {
  HELLO(1, 12 + 2 + Message.MAX_AGENT_BYTES),
  WELCOME(2, 31),
  PROVE(3, 81),
  REGISTER(4, 64 + 2 + Message.MAX_MACHINE_NAME_BYTES + 1 + 4 * 97),
  DONE(5, 0),
  ERROR(6, 5 + 2 + Message.MAX_TEXT_BYTES),
  GOODBYE(7, 2 + Message.MAX_TEXT_BYTES),
  PING(8, 0),
  CREDIT(9, 4),
  STATE(10, 16),
  STATE_REPLY(11, 89),
  BEGIN(12, 49),
  BEGUN(13, 1),
  HAS(14, 35 + 32 * Message.MAX_NAMES),
  HAS_REPLY(15, 2 + Message.MAX_NAMES / 8),
  STORE(16, 65 + BlockBytes.MAX_LENGTH),
  CHECKPOINT(17, 72),
  COMMIT(18, 72),
  CANCEL(19, 32),
  ARCHIVES(20, 50),
  ARCHIVES_REPLY(21, 3 + 49 * Message.MAX_ARCHIVES),
  FETCH(22, 22 + 33 * Message.MAX_NAMES),
  BLOCK(23, 3 + BlockBytes.MAX_LENGTH),
  OPERATE(24, 2 + Message.MAX_WORDS * (2 + Message.MAX_WORD_BYTES)),
  OPERATE_REPLY(25, 5 + Message.MAX_OUTPUT_BYTES),
  BEGIN_DELETE(26, 49),
  DELETE(27, 35 + 32 * Message.MAX_NAMES),
  DELETE_ALL(28, 32),
  COMMIT_DELETE(29, 32),
  DELETION(30, 8),
  CANCEL_DELETE(31, 32),
  UNDELETE(32, 32),
  DELETED(33, 50),
  DELETED_REPLY(34, 3 + 81 * Message.MAX_ARCHIVES),
  DELETIONS(35, 26),
  DELETIONS_REPLY(36, 3 + 48 * Message.MAX_ARCHIVES),
  DAMAGED(37, 32),
  DAMAGED_REPLY(38, 3 + 33 * Message.MAX_NAMES);

  private static final MessageType[] ALL = values();

  private final int code;
  private final int maxPayload;

  MessageType(int code, int maxPayload) {
    this.code = code;
    this.maxPayload = maxPayload;
  }

  int code() {
    return code;
  }

  int maxPayload() {
    return maxPayload;
  }

  static MessageType of(int code) throws CorruptException {
    if (code < 1 || code > ALL.length) {
      throw new CorruptException("no message type " + code);
    }
    return ALL[code - 1];
  }

  static MessageType of(Message message) {
    return switch (message) {
      case Message.Hello _ -> HELLO;
      case Message.Welcome _ -> WELCOME;
      case Message.Prove _ -> PROVE;
      case Message.Register _ -> REGISTER;
      case Message.Done _ -> DONE;
      case Message.Failure _ -> ERROR;
      case Message.Goodbye _ -> GOODBYE;
      case Message.Ping _ -> PING;
      case Message.MoreCredit _ -> CREDIT;
      case Message.State _ -> STATE;
      case Message.StateReply _ -> STATE_REPLY;
      case Message.Begin _ -> BEGIN;
      case Message.Begun _ -> BEGUN;
      case Message.Has _ -> HAS;
      case Message.HasReply _ -> HAS_REPLY;
      case Message.Store _ -> STORE;
      case Message.Checkpoint _ -> CHECKPOINT;
      case Message.Commit _ -> COMMIT;
      case Message.Cancel _ -> CANCEL;
      case Message.Archives _ -> ARCHIVES;
      case Message.ArchivesReply _ -> ARCHIVES_REPLY;
      case Message.Fetch _ -> FETCH;
      case Message.Block _ -> BLOCK;
      case Message.Operate _ -> OPERATE;
      case Message.OperateReply _ -> OPERATE_REPLY;
      case Message.BeginDelete _ -> BEGIN_DELETE;
      case Message.Delete _ -> DELETE;
      case Message.DeleteAll _ -> DELETE_ALL;
      case Message.CommitDelete _ -> COMMIT_DELETE;
      case Message.Deletion _ -> DELETION;
      case Message.CancelDelete _ -> CANCEL_DELETE;
      case Message.Undelete _ -> UNDELETE;
      case Message.Deleted _ -> DELETED;
      case Message.DeletedReply _ -> DELETED_REPLY;
      case Message.Deletions _ -> DELETIONS;
      case Message.DeletionsReply _ -> DELETIONS_REPLY;
      case Message.Damaged _ -> DAMAGED;
      case Message.DamagedReply _ -> DAMAGED_REPLY;
    };
  }
}
