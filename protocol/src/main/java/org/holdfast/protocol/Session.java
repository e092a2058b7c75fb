package org.holdfast.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.PrivateKey;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.Clock;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.InviteId;
import org.holdfast.core.MachineId;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Right;
import org.holdfast.core.ServiceId;
import org.holdfast.core.Spawner;
import org.holdfast.core.TransactionId;
import org.holdfast.core.UnavailableException;
import org.jspecify.annotations.Nullable;

/// The client's end of a session.
///
/// Any number of threads may call at once; each call waits for its own reply. A reader thread hands
/// out what comes. When the connection fails, every call that waits and every later one throws the
/// same failure: open another session and resume.
///
/// The server's errors come as the exceptions of the core: [ErrorCode] says which.
public final class Session implements AutoCloseable {
  private static final int VERSION = 1;

  /// A bound on what one machine can have, against a server that never comes to an end.
  private static final int MAX_ARCHIVES = 1_000_000;

  private final Connection connection;
  private final Message.Welcome welcome;
  private final Credit storeCredit;
  private final Streams streams;
  private final ReentrantLock lanesLock = new ReentrantLock();
  private final Map<TransactionId, Lane> lanes = new HashMap<>();

  private Session(Connection connection, Message.Welcome welcome) {
    this.connection = connection;
    this.welcome = welcome;
    this.storeCredit = new Credit(welcome.storeCreditBytes());
    this.streams = new Streams(connection, storeCredit);
  }

  /// Greets the server and starts the reader. Takes the connection over, and closes it if this
  /// fails. The agent names the client's program and version, in at most 64 bytes.
  public static Session open(Connection carrier, Clock clock, Spawner spawner, String agent)
      throws HoldfastException {
    Connection connection = new KeptAlive(carrier, clock, spawner);
    try {
      Session session = new Session(connection, greet(connection, agent));
      spawner.spawn("session with " + connection.peer(), session.streams::read);
      return session;
    } catch (HoldfastException e) {
      connection.close();
      throw e;
    }
  }

  public ServiceId service() {
    return welcome.service();
  }

  public ServerMode mode() {
    return welcome.mode();
  }

  /// The server's clock when the session began.
  public long serverMillis() {
    return welcome.serverMillis();
  }

  /// The server's name for messages.
  public String peer() {
    return connection.peer();
  }

  /// Proves a right for the rest of the session.
  public void prove(MachineId machine, Right right, PrivateKey key) throws HoldfastException {
    Bytes text = Proof.session(connection, service(), machine, right);
    await(new Message.Prove(machine, right, Proof.sign(key, text)), Message.Done.class);
  }

  /// Registers a machine with an invite. The keys come by ascending right.
  public void register(
      InviteId invite, Bytes secret, MachineId machine, String name, List<RightKey> keys)
      throws HoldfastException {
    int nameBytes = name.getBytes(UTF_8).length;
    if (nameBytes < 1 || nameBytes > Message.MAX_MACHINE_NAME_BYTES || !OneLine.isClean(name)) {
      throw new RefusedException(
          "a machine's name has 1 to 64 bytes and no control characters: choose another");
    }
    List<Message.Credential> credentials = new ArrayList<>();
    for (RightKey key : keys) {
      Bytes text =
          Proof.register(connection, service(), machine, invite, key.right(), key.publicKey());
      credentials.add(
          new Message.Credential(key.right(), key.publicKey(), Proof.sign(key.privateKey(), text)));
    }
    await(new Message.Register(invite, secret, machine, name, credentials), Message.Done.class);
  }

  /// Where the machine stands.
  public Message.StateReply state(MachineId machine) throws HoldfastException {
    return await(new Message.State(machine), Message.StateReply.class);
  }

  /// Begins a write transaction, or resumes it. Returns whether it was resumed: what it stored so
  /// far is there then, and a block's failure is forgotten.
  public boolean begin(
      MachineId machine, TransactionId transaction, @Nullable TransactionId predecessor)
      throws HoldfastException {
    Message.Begin request = new Message.Begin(machine, transaction, predecessor);
    boolean resumed = await(request, Message.Begun.class).resumed();
    dropLane(transaction);
    return resumed;
  }

  /// Which of the blocks are there, at most [Message#MAX_NAMES].
  public BitSet has(
      MachineId machine, TransactionId transaction, BlockClass blockClass, List<BlockName> names)
      throws HoldfastException {
    return hasLater(machine, transaction, blockClass, names).await().there();
  }

  /// Asks without waiting for the answer. Waits only while too many requests are open.
  public Pending<Message.HasReply> hasLater(
      MachineId machine, TransactionId transaction, BlockClass blockClass, List<BlockName> names)
      throws HoldfastException {
    Message.Has request = new Message.Has(machine, transaction, blockClass, names);
    return streams.ask(
        request, Message.HasReply.class, reply -> reply.count() == request.names().size());
  }

  /// Blocks that the transaction might rely on and that are damaged: it must not, unless it sends
  /// them again.
  public Message.DamagedReply damaged(MachineId machine, TransactionId transaction)
      throws HoldfastException {
    return await(new Message.Damaged(machine, transaction), Message.DamagedReply.class);
  }

  /// Whether a block's bytes are used after [#store] has returned. If not, they may change then.
  public boolean keepsBytes() {
    return connection.keepsBytes();
  }

  /// Sends a block, in one piece or several, without copying it; the caller does not change the
  /// bytes afterwards where [#keepsBytes]. Waits for credit. Returns before the block is stored: a
  /// failure comes out of a later call for the same transaction, at the latest of [#checkpoint] or
  /// [#commit].
  public void store(
      MachineId machine,
      TransactionId transaction,
      BlockClass blockClass,
      BlockName name,
      ByteBuffer... pieces)
      throws HoldfastException {
    BlockBytes bytes = BlockBytes.of(pieces);
    Lane lane = lane(transaction);
    lane.failures().check();
    Message.Store store = new Message.Store(machine, transaction, blockClass, name, bytes);
    storeCredit.take(store.cost());
    streams.send(lane.stream(), store);
  }

  /// Makes what is stored so far durable, with a partial archive on top.
  public void checkpoint(
      MachineId machine, TransactionId transaction, BlockName root, long sequence)
      throws HoldfastException {
    settle(transaction, new Message.Checkpoint(machine, transaction, root, sequence));
  }

  /// Commits. Root and sequence are those of the archive; null and 0 if there is none.
  public void commit(
      MachineId machine, TransactionId transaction, @Nullable BlockName root, long sequence)
      throws HoldfastException {
    settle(transaction, new Message.Commit(machine, transaction, root, sequence));
    dropLane(transaction);
  }

  /// Drops an open transaction and what it stored.
  public void cancel(MachineId machine, TransactionId transaction) throws HoldfastException {
    await(new Message.Cancel(machine, transaction), Message.Done.class);
    dropLane(transaction);
  }

  /// Begins a delete transaction, or resumes it: then what it has named is named still. Returns
  /// whether it was resumed. `overWrite`: also if that ends a backup that is not finished.
  public boolean beginDelete(
      MachineId machine,
      TransactionId transaction,
      @Nullable TransactionId predecessor,
      boolean overWrite)
      throws HoldfastException {
    Message.BeginDelete request =
        new Message.BeginDelete(machine, transaction, predecessor, overWrite);
    return await(request, Message.Begun.class).resumed();
  }

  /// Names blocks to delete, at most [Message#MAX_NAMES]. Nothing is hidden before [#commitDelete];
  /// naming them again changes nothing.
  public void delete(
      MachineId machine, TransactionId transaction, BlockClass blockClass, List<BlockName> names)
      throws HoldfastException {
    await(new Message.Delete(machine, transaction, blockClass, names), Message.Done.class);
  }

  /// Names all of the machine's blocks.
  public void deleteAll(MachineId machine, TransactionId transaction) throws HoldfastException {
    await(new Message.DeleteAll(machine, transaction), Message.Done.class);
  }

  /// Hides what was named, at once. Returns the server's time, in ms, until which it can be undone.
  public long commitDelete(MachineId machine, TransactionId transaction) throws HoldfastException {
    Message.CommitDelete request = new Message.CommitDelete(machine, transaction);
    return await(request, Message.Deletion.class).untilMillis();
  }

  /// Drops an open delete transaction: all that it has named stays.
  public void cancelDelete(MachineId machine, TransactionId transaction) throws HoldfastException {
    await(new Message.CancelDelete(machine, transaction), Message.Done.class);
  }

  /// Shows again what a deletion hides. Refused once the server has begun to free it.
  public void undelete(MachineId machine, TransactionId deletion) throws HoldfastException {
    await(new Message.Undelete(machine, deletion), Message.Done.class);
  }

  /// A page of the archives that are deleted and can still be brought back, at most `limit`
  /// ([Message#MAX_ARCHIVES]), those after the root `after`.
  public Message.DeletedReply deletedPage(MachineId machine, @Nullable BlockName after, int limit)
      throws HoldfastException {
    return await(new Message.Deleted(machine, after, limit), Message.DeletedReply.class);
  }

  /// A page of the deletions that can be undone, at most `limit` ([Message#MAX_ARCHIVES]), those
  /// after the number `after`.
  public Message.DeletionsReply deletionsPage(MachineId machine, long after, int limit)
      throws HoldfastException {
    return await(new Message.Deletions(machine, after, limit), Message.DeletionsReply.class);
  }

  /// All archives, as the server orders them.
  public List<Message.Archive> archives(MachineId machine) throws HoldfastException {
    List<Message.Archive> all = new ArrayList<>();
    Set<BlockName> seen = new HashSet<>();
    BlockName after = null;
    while (true) {
      Message.Archives request = new Message.Archives(machine, after, Message.MAX_ARCHIVES);
      Message.ArchivesReply page = await(request, Message.ArchivesReply.class);
      for (Message.Archive each : page.archives()) {
        if (!seen.add(each.root()) || seen.size() > MAX_ARCHIVES) {
          throw new CorruptException(
              "the server " + peer() + " lists archives without end: tell its operator");
        }
        all.add(each);
      }
      if (!page.more()) {
        return all;
      }
      after = all.getLast().root();
    }
  }

  /// Fetches blocks, at most [Message#MAX_NAMES], holding at most that many bytes at a time. The
  /// sink runs on this thread. If it throws, the rest of the blocks is dropped, and the session is
  /// good for little else than to be closed: the server still holds the request.
  public <X extends Exception> void fetch(
      MachineId machine, List<BlockRef> blocks, long creditBytes, FetchSink<X> sink)
      throws HoldfastException, X {
    Message.Fetch request = new Message.Fetch(machine, creditBytes, blocks);
    Fetching fetching = new Fetching(blocks.size(), creditBytes, peer());
    int stream = streams.request(fetching, request);
    boolean complete = false;
    try {
      Optional<Message.Block> next = fetching.next();
      while (next.isPresent()) {
        takeIn(next.get(), stream, fetching, sink);
        next = fetching.next();
      }
      complete = true;
    } finally {
      if (!complete) {
        fetching.abandon();
      }
    }
  }

  /// Runs an operator's command; only on the server's own Unix socket.
  public Message.OperateReply operate(List<String> words) throws HoldfastException {
    return await(new Message.Operate(words), Message.OperateReply.class);
  }

  /// Says goodbye and closes the connection. Calls that still wait fail.
  @Override
  public void close() {
    if (!streams.hasFailed()) {
      try {
        connection.send(0, new Message.Goodbye("done"));
      } catch (UnavailableException e) {
        // The server is gone: there is nobody left to tell.
      }
    }
    streams.fail(
        new UnavailableException("the session with " + peer() + " is closed: open another"));
    connection.close();
  }

  private static Message.Welcome greet(Connection connection, String agent)
      throws HoldfastException {
    connection.send(0, new Message.Hello(VERSION, VERSION, OneLine.of(agent, 64)));
    Optional<Received> answer = connection.receive();
    if (answer.isEmpty()) {
      throw new UnavailableException(
          "the server " + connection.peer() + " closed the connection: try again");
    }
    return switch (answer.get().message()) {
      case Message.Welcome welcome when welcome.version() == VERSION -> welcome;
      case Message.Failure failure -> throw ErrorCode.exception(failure, connection.peer());
      case Message.Goodbye goodbye ->
          throw new UnavailableException(
              "the server " + connection.peer() + " ends the session: " + goodbye.reason());
      case Message other -> throw Streams.unexpected(other, connection.peer());
    };
  }

  private <M extends Message> M await(Message request, Class<M> reply) throws HoldfastException {
    return streams.ask(request, reply, _ -> true).await();
  }

  private void settle(TransactionId transaction, Message request) throws HoldfastException {
    Optional<Lane> lane = openLane(transaction);
    if (lane.isPresent()) {
      lane.get().failures().check();
    }
    await(request, Message.Done.class);
    if (lane.isPresent()) {
      lane.get().failures().check();
    }
  }

  private <X extends Exception> void takeIn(
      Message.Block block, int stream, Fetching fetching, FetchSink<X> sink)
      throws HoldfastException, X {
    BlockBytes bytes = block.bytes();
    if (bytes == null) {
      sink.missing(block.index());
      return;
    }
    sink.block(block.index(), bytes.joined());
    long due = fetching.taken(bytes.length());
    if (due > 0) {
      streams.send(stream, new Message.MoreCredit(due));
    }
  }

  private Lane lane(TransactionId transaction) throws HoldfastException {
    lanesLock.lock();
    try {
      Lane lane = lanes.get(transaction);
      if (lane == null) {
        StoreLane failures = new StoreLane(peer());
        lane = new Lane(streams.open(failures), failures);
        lanes.put(transaction, lane);
      }
      return lane;
    } finally {
      lanesLock.unlock();
    }
  }

  private Optional<Lane> openLane(TransactionId transaction) {
    lanesLock.lock();
    try {
      return Optional.ofNullable(lanes.get(transaction));
    } finally {
      lanesLock.unlock();
    }
  }

  private void dropLane(TransactionId transaction) {
    lanesLock.lock();
    try {
      Lane lane = lanes.remove(transaction);
      if (lane != null) {
        streams.close(lane.stream());
      }
    } finally {
      lanesLock.unlock();
    }
  }

  /// The stream that a transaction's blocks go out on, and what came back.
  private record Lane(int stream, StoreLane failures) {}
}
