package org.holdfast.protocol;

import java.util.BitSet;
import java.util.List;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Invariant;
import org.holdfast.core.InviteId;
import org.holdfast.core.MachineId;
import org.holdfast.core.Right;
import org.holdfast.core.ServiceId;
import org.holdfast.core.TransactionId;
import org.jspecify.annotations.Nullable;

/// Every message of the protocol, in the order of its type byte. `docs/protocol.md` says who sends
/// which and what it is answered with.
///
/// The constructors hold the same rules as the decoder, as invariants: a message that exists can be
/// sent. A component that is null stands for the zeros that mean "none".
public sealed interface Message {
  /// The largest number of blocks in one HAS or FETCH.
  int MAX_NAMES = 4096;

  /// What a STORE takes from the store credit at least, in bytes: so much a small block costs a
  /// server besides its bytes.
  int STORE_COST_MIN = 1024;

  /// The largest number of archives in one reply.
  int MAX_ARCHIVES = 1024;

  /// The least credit that makes sense: the longest block must fit.
  int MIN_CREDIT_BYTES = BlockBytes.MAX_LENGTH;

  /// The largest value of a `u32`.
  long MAX_U32 = 0xffff_ffffL;

  int MAX_TEXT_BYTES = 1024;
  int MAX_AGENT_BYTES = 64;
  int MAX_MACHINE_NAME_BYTES = 64;
  int MAX_WORDS = 64;
  int MAX_WORD_BYTES = 4096;
  int MAX_OUTPUT_BYTES = 16 << 20;

  /// A client opens a session.
  record Hello(int lowestVersion, int highestVersion, String agent) implements Message {
    public Hello {
      Invariant.check(lowestVersion <= highestVersion, "versions in order");
    }
  }

  /// The server's answer to [Hello].
  record Welcome(
      int version, ServiceId service, long serverMillis, ServerMode mode, long storeCreditBytes)
      implements Message {
    public Welcome {
      checkCredit(storeCreditBytes);
    }
  }

  /// A client proves that it holds a right's key.
  record Prove(MachineId machine, Right right, Bytes signature) implements Message {
    public Prove {
      Invariant.check(signature.length() == Proof.SIGNATURE_LENGTH, "length of a signature");
    }
  }

  /// A machine presents an invite and its public keys. Does not print the invite's secret.
  record Register(
      InviteId invite, Bytes secret, MachineId machine, String name, List<Credential> credentials)
      implements Message {
    public Register {
      Invariant.check(secret.length() == Proof.SECRET_LENGTH, "length of an invite's secret");
      credentials = List.copyOf(credentials);
      Invariant.check(ascending(credentials), "credentials by ascending right");
    }

    /// Whether there is one at least and each right comes after the one before.
    static boolean ascending(List<Credential> credentials) {
      int last = 0;
      for (Credential each : credentials) {
        if (each.right().code() <= last) {
          return false;
        }
        last = each.right().code();
      }
      return last > 0;
    }

    @Override
    public String toString() {
      return "Register[invite=" + invite + ", machine=" + machine + ", name=" + name + "]";
    }
  }

  /// Yes.
  record Done() implements Message {}

  /// No, and why. The text is made into one line.
  record Failure(ErrorCode code, long retryAfterMillis, String text) implements Message {
    public Failure {
      text = OneLine.of(text, MAX_TEXT_BYTES);
      retryAfterMillis = Math.clamp(retryAfterMillis, 0, MAX_U32);
    }

    /// What the other end needs to know about a failure.
    public static Failure of(HoldfastException failure) {
      long retryAfterMillis =
          failure instanceof org.holdfast.core.UnavailableException unavailable
              ? unavailable.retryAfterMillis()
              : 0;
      String text = failure.getMessage() == null ? "no reason given" : failure.getMessage();
      return new Failure(ErrorCode.of(failure), retryAfterMillis, text);
    }
  }

  /// The session ends on purpose. The reason is made into one line.
  record Goodbye(String reason) implements Message {
    public Goodbye {
      reason = OneLine.of(reason, MAX_TEXT_BYTES);
    }
  }

  /// Still here.
  record Ping() implements Message {}

  /// The receiver may send that many bytes more: of STORE on stream 0, of BLOCK on a FETCH's.
  record MoreCredit(long bytes) implements Message {
    public MoreCredit {
      Invariant.check(bytes >= 1 && bytes <= MAX_U32, "credit of 1 byte to 4 GiB");
    }
  }

  /// Asks for [StateReply].
  record State(MachineId machine) implements Message {}

  /// Where a machine stands.
  record StateReply(
      @Nullable TransactionId committed,
      @Nullable OpenTransaction open,
      long highestSequence,
      @Nullable BlockName lastRoot,
      long blocks,
      long bytes)
      implements Message {
    public StateReply {
      Invariant.check(highestSequence >= 0 && blocks >= 0 && bytes >= 0, "counts");
    }
  }

  /// Begins or resumes a write transaction. The predecessor is the last one that was committed.
  record Begin(MachineId machine, TransactionId transaction, @Nullable TransactionId predecessor)
      implements Message {}

  /// The answer to [Begin].
  record Begun(boolean resumed) implements Message {}

  /// Asks which of the blocks are there.
  record Has(
      MachineId machine, TransactionId transaction, BlockClass blockClass, List<BlockName> names)
      implements Message {
    public Has {
      names = List.copyOf(names);
      checkCount(names.size(), 1, MAX_NAMES);
    }
  }

  /// The answer to [Has]: a bit for each name. The set is not changed once it is in here.
  record HasReply(int count, BitSet there) implements Message {
    public HasReply {
      checkCount(count, 1, MAX_NAMES);
      Invariant.check(there.length() <= count, "a bit for each name");
    }
  }

  /// Asks which blocks that the transaction might rely on are damaged.
  record Damaged(MachineId machine, TransactionId transaction) implements Message {}

  /// The answer to [Damaged]. `more`: there are others besides, of any name.
  record DamagedReply(boolean more, List<BlockRef> blocks) implements Message {
    public DamagedReply {
      blocks = List.copyOf(blocks);
      checkCount(blocks.size(), more ? 1 : 0, MAX_NAMES);
    }
  }

  /// A block to keep.
  record Store(
      MachineId machine,
      TransactionId transaction,
      BlockClass blockClass,
      BlockName name,
      BlockBytes bytes)
      implements Message {
    /// What it takes from the store credit, in bytes.
    public int cost() {
      return Math.max(bytes.length(), STORE_COST_MIN);
    }
  }

  /// Makes what is stored so far durable, with a partial archive on top.
  record Checkpoint(MachineId machine, TransactionId transaction, BlockName root, long sequence)
      implements Message {
    public Checkpoint {
      Invariant.check(sequence >= 1, "archive sequences start at 1");
    }
  }

  /// Makes a transaction's work durable and visible. Root and sequence are both there or neither.
  record Commit(
      MachineId machine, TransactionId transaction, @Nullable BlockName root, long sequence)
      implements Message {
    public Commit {
      Invariant.check(
          root == null ? sequence == 0 : sequence >= 1, "root and sequence, or neither");
    }
  }

  /// Drops an open transaction.
  record Cancel(MachineId machine, TransactionId transaction) implements Message {}

  /// Asks for the archives after that root.
  record Archives(MachineId machine, @Nullable BlockName after, int limit) implements Message {
    public Archives {
      checkCount(limit, 1, MAX_ARCHIVES);
    }
  }

  /// The answer to [Archives].
  record ArchivesReply(boolean more, List<Archive> archives) implements Message {
    public ArchivesReply {
      archives = List.copyOf(archives);
      checkCount(archives.size(), more ? 1 : 0, MAX_ARCHIVES);
    }
  }

  /// Asks for blocks; the answer is a [Block] for each, then [Done].
  record Fetch(MachineId machine, long creditBytes, List<BlockRef> blocks) implements Message {
    public Fetch {
      checkCredit(creditBytes);
      blocks = List.copyOf(blocks);
      checkCount(blocks.size(), 1, MAX_NAMES);
    }
  }

  /// One block of a [Fetch]; without bytes if it is not there.
  record Block(int index, @Nullable BlockBytes bytes) implements Message {
    public Block {
      checkCount(index, 0, MAX_NAMES - 1);
    }
  }

  /// An operator's command, word by word.
  record Operate(List<String> words) implements Message {
    public Operate {
      words = List.copyOf(words);
      checkCount(words.size(), 1, MAX_WORDS);
    }
  }

  /// What an operator's command printed, and its exit code.
  record OperateReply(int exitCode, String output) implements Message {
    public OperateReply {
      checkCount(exitCode, 0, 255);
    }
  }

  /// A message that deletes, undoes that, or lists what is deleted.
  sealed interface Deleting extends Message {}

  /// Begins or resumes a delete transaction. The predecessor is the last one that was committed.
  /// `overWrite`: also if that ends a write transaction.
  record BeginDelete(
      MachineId machine,
      TransactionId transaction,
      @Nullable TransactionId predecessor,
      boolean overWrite)
      implements Deleting {}

  /// Names blocks that the transaction deletes.
  record Delete(
      MachineId machine, TransactionId transaction, BlockClass blockClass, List<BlockName> names)
      implements Deleting {
    public Delete {
      names = List.copyOf(names);
      checkCount(names.size(), 1, MAX_NAMES);
    }
  }

  /// The transaction deletes everything.
  record DeleteAll(MachineId machine, TransactionId transaction) implements Deleting {}

  /// Hides what the transaction has named.
  record CommitDelete(MachineId machine, TransactionId transaction) implements Deleting {}

  /// The answer to [CommitDelete]: the server's time until which it can be undone.
  record Deletion(long untilMillis) implements Deleting {
    public Deletion {
      Invariant.check(untilMillis >= 0, "a time");
    }
  }

  /// Drops an open delete transaction.
  record CancelDelete(MachineId machine, TransactionId transaction) implements Deleting {}

  /// Shows again what that deletion hides.
  record Undelete(MachineId machine, TransactionId transaction) implements Deleting {}

  /// Asks for the deleted archives after that root.
  record Deleted(MachineId machine, @Nullable BlockName after, int limit) implements Deleting {
    public Deleted {
      checkCount(limit, 1, MAX_ARCHIVES);
    }
  }

  /// The answer to [Deleted].
  record DeletedReply(boolean more, List<DeletedArchive> archives) implements Deleting {
    public DeletedReply {
      archives = List.copyOf(archives);
      checkCount(archives.size(), more ? 1 : 0, MAX_ARCHIVES);
    }
  }

  /// Asks for the deletions after that number that can be undone.
  record Deletions(MachineId machine, long after, int limit) implements Deleting {
    public Deletions {
      Invariant.check(after >= 0, "a number");
      checkCount(limit, 1, MAX_ARCHIVES);
    }
  }

  /// The answer to [Deletions].
  record DeletionsReply(boolean more, List<MadeDeletion> deletions) implements Deleting {
    public DeletionsReply {
      deletions = List.copyOf(deletions);
      checkCount(deletions.size(), more ? 1 : 0, MAX_ARCHIVES);
    }
  }

  /// A right's public key, and the machine's signature with its private half.
  record Credential(Right right, Bytes publicKey, Bytes signature) {
    public Credential {
      Invariant.check(publicKey.length() == Proof.KEY_LENGTH, "length of a public key");
      Invariant.check(signature.length() == Proof.SIGNATURE_LENGTH, "length of a signature");
    }
  }

  /// A transaction that is open.
  record OpenTransaction(TransactionKind kind, TransactionId transaction) {}

  /// One archive as the server knows it.
  record Archive(BlockName root, long sequence, long committedMillis, boolean partial) {
    public Archive {
      Invariant.check(sequence >= 1 && committedMillis >= 0, "sequence and time of an archive");
    }
  }

  /// An archive that a deletion hides, and until when it can be brought back.
  record DeletedArchive(
      Archive archive, TransactionId deletion, long deletedMillis, long untilMillis) {
    public DeletedArchive {
      Invariant.check(deletedMillis >= 0 && untilMillis >= 0, "times of a deletion");
    }
  }

  /// A deletion that can be undone: with it all that have a higher number are.
  record MadeDeletion(
      long number, TransactionId transaction, long deletedMillis, long untilMillis, long blocks) {
    public MadeDeletion {
      Invariant.check(number >= 1 && blocks >= 0, "number and blocks of a deletion");
      Invariant.check(deletedMillis >= 0 && untilMillis >= 0, "times of a deletion");
    }
  }

  private static void checkCount(int count, int least, int most) {
    Invariant.check(count >= least && count <= most, "between " + least + " and " + most);
  }

  private static void checkCredit(long bytes) {
    Invariant.check(bytes >= MIN_CREDIT_BYTES && bytes <= MAX_U32, "credit of 16 MiB to 4 GiB");
  }
}
