package org.holdfast.client.catalog;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.MachineId;
import org.holdfast.core.Right;
import org.holdfast.core.ServiceId;
import org.holdfast.core.Spawner;
import org.holdfast.core.SystemClock;
import org.holdfast.core.TransactionId;
import org.holdfast.protocol.BlockBytes;
import org.holdfast.protocol.BlockRef;
import org.holdfast.protocol.Connection;
import org.holdfast.protocol.Credit;
import org.holdfast.protocol.ErrorCode;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.Pipe;
import org.holdfast.protocol.Proof;
import org.holdfast.protocol.Received;
import org.holdfast.protocol.ServerMode;
import org.holdfast.protocol.Session;
import org.holdfast.protocol.TransactionKind;
import org.holdfast.seal.KeyFile;
import org.holdfast.seal.MachineKeys;
import org.jspecify.annotations.Nullable;

/// A service that has what a test puts into it: answers sessions over pipes as a server would, and
/// sends blocks in an order of its own.
public final class ArchiveService implements AutoCloseable {
  private static final ServiceId SERVICE = ServiceId.of(new byte[16]);

  private final SecureRandom random = new SecureRandom();
  private final MachineKeys keys;
  private final MachineId machine = MachineId.random(random);
  private final Map<BlockRef, byte[]> blocks = new ConcurrentHashMap<>();
  private final List<Message.Archive> archives = Collections.synchronizedList(new ArrayList<>());
  private final List<Message.DeletedArchive> deleted =
      Collections.synchronizedList(new ArrayList<>());
  private final List<Session> sessions = new ArrayList<>();
  private final AtomicLong fetchedBytes = new AtomicLong();
  private final AtomicLong fetches = new AtomicLong();
  private final Map<BlockClass, AtomicLong> fetchedBlocks = new ConcurrentHashMap<>();
  private final Map<BlockRef, byte[]> hidden = new ConcurrentHashMap<>();
  private final Set<BlockRef> named = ConcurrentHashMap.newKeySet();
  private volatile @Nullable TransactionId committed;
  private final List<Message.MadeDeletion> rootless =
      Collections.synchronizedList(new ArrayList<>());
  private final AtomicLong listings = new AtomicLong();
  private volatile Runnable afterListing = () -> {};
  private volatile ServerMode mode = ServerMode.ALL;
  private volatile @Nullable TransactionId open;
  private volatile @Nullable TransactionId writing;

  public ArchiveService() {
    this(MachineKeys.random(new SecureRandom()));
  }

  ArchiveService(MachineKeys keys) {
    this.keys = keys;
  }

  public MachineKeys keys() {
    return keys;
  }

  public MachineId machine() {
    return machine;
  }

  /// All rights.
  public KeyFile keyFile() {
    return new KeyFile(
        List.of("dir:test"), Optional.empty(), "test", machine, keys, Optional.empty());
  }

  public KeyFile keyFile(Right right) throws HoldfastException {
    return keyFile().derive(Set.of(right));
  }

  /// The blocks that are stored; a test may change, add and remove them.
  public Map<BlockRef, byte[]> blocks() {
    return blocks;
  }

  /// The archives that are shown.
  public List<Message.Archive> archives() {
    return archives;
  }

  /// What it says to be in the sessions to come.
  void mode(ServerMode other) {
    mode = other;
  }

  /// The archives that are said to be deleted.
  public List<Message.DeletedArchive> deleted() {
    return deleted;
  }

  /// The deletions that are said to hide no archive; by number, from 1 on.
  public List<Message.MadeDeletion> rootless() {
    return rootless;
  }

  /// How often the archives were asked for.
  public long listings() {
    return listings.get();
  }

  /// What happens each time after the archives were shown.
  public void afterListing(Runnable action) {
    afterListing = action;
  }

  /// From here on a backup is open.
  public void beginBackup() {
    writing = TransactionId.random(random);
  }

  /// As a server does, drops a block that is there already.
  public void store(BlockClass blockClass, BlockName name, byte[] block) {
    blocks.putIfAbsent(new BlockRef(blockClass, name), block);
  }

  /// Bytes of blocks that were sent so far.
  public long fetchedBytes() {
    return fetchedBytes.get();
  }

  /// Blocks of a class that were sent so far.
  public long fetchedBlocks(BlockClass blockClass) {
    return fetchedBlocks.getOrDefault(blockClass, new AtomicLong()).get();
  }

  /// What deletions hide.
  public Map<BlockRef, byte[]> hidden() {
    return hidden;
  }

  /// Requests for blocks so far.
  public long fetches() {
    return fetches.get();
  }

  public Session session() throws HoldfastException {
    Pipe.Ends ends = Pipe.open(64 << 20, random);
    Spawner.virtual().spawn("service", () -> serve(ends.server()));
    Session session = Session.open(ends.client(), new SystemClock(), Spawner.virtual(), "test");
    sessions.add(session);
    return session;
  }

  @Override
  public void close() {
    sessions.forEach(Session::close);
  }

  private void serve(Connection connection) {
    Map<Integer, Credit> credits = new ConcurrentHashMap<>();
    Set<Right> proven = ConcurrentHashMap.newKeySet();
    try {
      Optional<Received> next = connection.receive();
      while (next.isPresent() && !(next.get().message() instanceof Message.Goodbye)) {
        answer(connection, next.get(), credits, proven);
        next = connection.receive();
      }
    } catch (HoldfastException e) {
      // The client is gone, as a test may end at any time.
    } finally {
      credits
          .values()
          .forEach(each -> each.fail(new org.holdfast.core.UnavailableException("end")));
      connection.close();
    }
  }

  private void answer(
      Connection connection, Received request, Map<Integer, Credit> credits, Set<Right> proven)
      throws HoldfastException {
    int stream = request.stream();
    switch (request.message()) {
      case Message.Hello _ ->
          connection.send(0, new Message.Welcome(1, SERVICE, 0, mode, Message.MIN_CREDIT_BYTES));
      case Message.Prove prove -> connection.send(stream, proof(connection, prove, proven));
      case Message.Archives _ -> {
        connection.send(stream, new Message.ArchivesReply(false, List.copyOf(archives)));
        listings.incrementAndGet();
        afterListing.run();
      }
      case Message.Deleting deleting -> connection.send(stream, delete(deleting));
      case Message.State _ -> connection.send(stream, state());
      case Message.Fetch fetch
          when !proven.contains(Right.READ)
              && fetch.blocks().stream().anyMatch(each -> each.blockClass() == BlockClass.CHUNK) ->
          connection.send(stream, new Message.Failure(ErrorCode.NOT_PROVEN, 0, "no read"));
      case Message.Fetch fetch -> {
        Credit credit = new Credit(fetch.creditBytes());
        credits.put(stream, credit);
        Spawner.virtual().spawn("fetch", () -> send(connection, stream, fetch, credit));
      }
      case Message.MoreCredit more -> credits.get(stream).give(more.bytes());
      case Message.Ping _ -> {}
      default ->
          connection.send(stream, new Message.Failure(ErrorCode.REFUSED, 0, "not in this test"));
    }
  }

  private Message state() {
    List<Message.Archive> all = new ArrayList<>(archives);
    deleted.forEach(each -> all.add(each.archive()));
    Optional<Message.Archive> last =
        all.stream().max(Comparator.comparingLong(Message.Archive::sequence));
    return new Message.StateReply(
        committed,
        transaction(),
        last.map(Message.Archive::sequence).orElse(0L),
        last.map(Message.Archive::root).orElse(null),
        blocks.size(),
        0);
  }

  private Message.@Nullable OpenTransaction transaction() {
    TransactionId deletion = open;
    TransactionId backup = writing;
    if (backup != null) {
      return new Message.OpenTransaction(TransactionKind.WRITE, backup);
    }
    return deletion == null ? null : new Message.OpenTransaction(TransactionKind.DELETE, deletion);
  }

  private Message proof(Connection connection, Message.Prove prove, Set<Right> proven)
      throws HoldfastException {
    boolean holds =
        Proof.verify(
            keys.credentialFor(prove.right()).publicKey(),
            Proof.session(connection, SERVICE, prove.machine(), prove.right()),
            prove.signature());
    if (holds) {
      proven.add(prove.right());
    }
    return holds && prove.machine().equals(machine)
        ? new Message.Done()
        : new Message.Failure(ErrorCode.NOT_PROVEN, 0, "wrong proof");
  }

  private Message delete(Message.Deleting request) {
    Message conflict = new Message.Failure(ErrorCode.CONFLICT, 0, "not this transaction");
    return switch (request) {
      case Message.Deleted _ -> new Message.DeletedReply(false, List.copyOf(deleted));
      case Message.Deletions _ -> deletions();
      case Message.BeginDelete begin -> {
        if (!Objects.equals(begin.predecessor(), committed)
            || (writing != null && !begin.overWrite())) {
          yield conflict;
        }
        open = begin.transaction();
        named.clear();
        yield new Message.Begun(false);
      }
      case Message.Delete names -> {
        if (!names.transaction().equals(open)) {
          yield conflict;
        }
        names.names().forEach(name -> named.add(new BlockRef(names.blockClass(), name)));
        yield new Message.Done();
      }
      case Message.DeleteAll _ -> {
        named.addAll(blocks.keySet());
        yield new Message.Done();
      }
      case Message.CommitDelete commit -> commit.transaction().equals(open) ? hide() : conflict;
      case Message.CancelDelete _ -> {
        open = null;
        yield new Message.Done();
      }
      case Message.Undelete _,
          Message.Deletion _,
          Message.DeletedReply _,
          Message.DeletionsReply _ ->
          new Message.Failure(ErrorCode.REFUSED, 0, "not in this test");
    };
  }

  private Message deletions() {
    List<Message.MadeDeletion> all = new ArrayList<>(rootless);
    for (Message.DeletedArchive each : deleted) {
      if (all.stream().noneMatch(made -> made.transaction().equals(each.deletion()))) {
        all.add(
            new Message.MadeDeletion(
                all.size() + 1, each.deletion(), each.deletedMillis(), each.untilMillis(), 1));
      }
    }
    return new Message.DeletionsReply(false, all);
  }

  private Message hide() {
    TransactionId deletion = Objects.requireNonNull(open);
    for (BlockRef each : named) {
      byte[] block = blocks.remove(each);
      if (block != null) {
        hidden.put(each, block);
      }
    }
    archives.stream()
        .filter(each -> named.contains(new BlockRef(BlockClass.ROOT, each.root())))
        .toList()
        .forEach(each -> {
          archives.remove(each);
          deleted.add(new Message.DeletedArchive(each, deletion, 5_000, 9_000));
        });
    committed = deletion;
    open = null;
    return new Message.Deletion(9_000);
  }

  /// Sends the blocks in the order of a shuffle.
  private void send(Connection connection, int stream, Message.Fetch fetch, Credit credit) {
    fetches.incrementAndGet();
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < fetch.blocks().size(); i++) {
      order.add(i);
    }
    Collections.shuffle(order, new Random(order.size()));
    try {
      for (int index : order) {
        byte[] block = blocks.get(fetch.blocks().get(index));
        if (block == null) {
          connection.send(stream, new Message.Block(index, null));
          continue;
        }
        credit.take(block.length);
        fetchedBytes.addAndGet(block.length);
        fetchedBlocks
            .computeIfAbsent(fetch.blocks().get(index).blockClass(), _ -> new AtomicLong())
            .incrementAndGet();
        ByteBuffer bytes = ByteBuffer.wrap(block);
        connection.send(stream, new Message.Block(index, BlockBytes.of(bytes)));
      }
      connection.send(stream, new Message.Done());
    } catch (HoldfastException e) {
      // The client is gone.
    }
  }
}
