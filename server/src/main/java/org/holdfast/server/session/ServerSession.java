package org.holdfast.server.session;

import java.util.BitSet;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.holdfast.core.Bytes;
import org.holdfast.core.Clock;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.MachineId;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Right;
import org.holdfast.core.ServiceId;
import org.holdfast.core.Spawner;
import org.holdfast.core.TransactionId;
import org.holdfast.core.UnavailableException;
import org.holdfast.protocol.Connection;
import org.holdfast.protocol.Credit;
import org.holdfast.protocol.ErrorCode;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.Parting;
import org.holdfast.protocol.Proof;
import org.holdfast.protocol.Received;
import org.holdfast.protocol.ServerMode;
import org.holdfast.server.shard.ShardService;
import org.holdfast.server.state.MachineRow;
import org.jspecify.annotations.Nullable;

/// One client's session: takes its messages, checks its rights, asks the shard.
///
/// Rights are proven for this session alone, and looked up for every request. Quick requests are
/// answered where they are read; what waits for the bucket runs on a thread of its own, so that the
/// session goes on reading.
final class ServerSession {
  /// What a client that has proven nothing may send at most, in bytes.
  private static final int UNPROVEN_PAYLOAD_MAX = 64 << 10;

  /// The longest payload, in bytes: a block and its names.
  private static final int PAYLOAD_MAX = (16 << 20) + (64 << 10);

  /// How much a client may have stored that has no place in a segment yet, in bytes: two segments,
  /// so that one fills while another is on its way.
  static final long STORE_CREDIT = 32 << 20;

  /// Streams that may be open at a time.
  private static final int STREAMS_MAX = 64;

  /// How long a client may take to read why its session ends.
  private static final long PARTING_MILLIS = 2000;

  /// Transactions that a session may be storing for at a time: a machine has one.
  private static final int LANES_MAX = 64;

  private final Connection connection;
  private final ShardService shard;
  private final ServiceId service;
  private final Clock clock;
  private final Spawner spawner;
  private final Registration registration;
  private final ServerMode mode;
  private final Set<Proven> proven = new HashSet<>();
  private final Map<Integer, Credit> fetches = new ConcurrentHashMap<>();
  private final Set<Integer> busy = ConcurrentHashMap.newKeySet();
  private final Credit storeCredit = new Credit(STORE_CREDIT);
  private final Map<TransactionId, StoreLane> lanes = new ConcurrentHashMap<>();
  private final Outbox outbox;
  private volatile boolean over;

  ServerSession(
      Connection connection,
      ShardService shard,
      ServiceId service,
      ServerMode mode,
      Clock clock,
      Spawner spawner) {
    this.connection = connection;
    this.shard = shard;
    this.service = service;
    this.mode = mode;
    this.clock = clock;
    this.spawner = spawner;
    this.registration = new Registration(connection, shard, service, clock);
    this.outbox = new Outbox(connection, spawner);
  }

  /// Serves until either end is done.
  void run() {
    connection.limitPayload(UNPROVEN_PAYLOAD_MAX);
    Optional<HoldfastException> failure = Optional.empty();
    try {
      if (greet()) {
        serve();
      }
    } catch (HoldfastException e) {
      failure = Optional.of(e);
    } finally {
      over = true;
      fetches.values().forEach(credit -> credit.fail(sessionOver()));
      lanes.values().forEach(StoreLane::abandon);
      shard.dropGone();
      outbox.finish();
    }
    failure.ifPresent(reason ->
        Parting.say(connection, Message.Failure.of(reason), clock, spawner, PARTING_MILLIS));
  }

  private boolean greet() throws HoldfastException {
    Optional<Received> first = connection.receive();
    if (first.isEmpty()) {
      return false;
    }
    if (!(first.get().message() instanceof Message.Hello hello)) {
      throw new CorruptException("a session starts with HELLO");
    }
    if (hello.lowestVersion() > 1 || hello.highestVersion() < 1) {
      throw new RefusedException(
          "this server speaks version 1 of the protocol: use a client that does");
    }
    outbox.send(0, new Message.Welcome(1, service, clock.wallMillis(), mode, STORE_CREDIT));
    return true;
  }

  private void serve() throws HoldfastException {
    for (var next = connection.receive(); next.isPresent(); next = connection.receive()) {
      int stream = next.get().stream();
      switch (next.get().message()) {
        case Message.Ping _ -> {}
        case Message.Goodbye _ -> {
          return;
        }
        case Message.MoreCredit more -> giveCredit(stream, more.bytes());
        case Message.Store store -> store(stream, store);
        case Message request -> request(stream, request);
      }
    }
  }

  private void request(int stream, Message request) throws CorruptException {
    if (busy.size() >= STREAMS_MAX || !busy.add(stream)) {
      throw new CorruptException("stream " + stream + " is in use, or too many are");
    }
    switch (request) {
      case Message.Prove prove -> answer(stream, () -> prove(prove));
      default -> spawner.spawn("request", () -> answer(stream, () -> slow(stream, request)));
    }
  }

  private Message slow(int stream, Message request) throws HoldfastException {
    return switch (request) {
      case Message.Register register -> registration.register(register);
      case Message.State state -> state(state);
      case Message.Begin begin -> begin(begin);
      case Message.Has has -> has(has);
      case Message.Archives archives -> archives(archives);
      case Message.Checkpoint checkpoint -> {
        check(checkpoint.machine(), Right.WRITE);
        settle(checkpoint.transaction());
        shard.checkpoint(checkpoint);
        yield new Message.Done();
      }
      case Message.Commit commit -> {
        check(commit.machine(), Right.WRITE);
        settle(commit.transaction());
        shard.commit(commit);
        lanes.remove(commit.transaction());
        yield new Message.Done();
      }
      case Message.Cancel cancel -> {
        check(cancel.machine(), Right.WRITE);
        shard.cancel(cancel);
        lanes.remove(cancel.transaction());
        yield new Message.Done();
      }
      case Message.Fetch fetch -> fetch(stream, fetch);
      default -> throw new RefusedException("this is nothing that a client may send here");
    };
  }

  private Message prove(Message.Prove prove) throws HoldfastException {
    Optional<MachineRow> machine = shard.durable(state -> state.machine(prove.machine()));
    if (machine.isEmpty()) {
      return new Message.Failure(ErrorCode.UNKNOWN_MACHINE, 0, "machine " + prove.machine());
    }
    Bytes text = Proof.session(connection, service, prove.machine(), prove.right());
    Optional<Bytes> key = machine.get().key(prove.right());
    if (key.isEmpty() || !Proof.verify(key.get(), text, prove.signature())) {
      return new Message.Failure(
          ErrorCode.NOT_PROVEN, 0, "to " + prove.right().name().toLowerCase(Locale.ROOT));
    }
    synchronized (proven) {
      proven.add(new Proven(prove.machine(), prove.right()));
    }
    connection.limitPayload(PAYLOAD_MAX);
    return new Message.Done();
  }

  private Message begin(Message.Begin begin) throws HoldfastException {
    check(begin.machine(), Right.WRITE);
    boolean resumed = shard.begin(begin);
    lanes.remove(begin.transaction());
    return new Message.Begun(resumed);
  }

  private Message has(Message.Has has) throws HoldfastException {
    check(has.machine(), Right.WRITE);
    BitSet there = shard.has(has);
    return new Message.HasReply(has.names().size(), there);
  }

  private Message state(Message.State state) throws HoldfastException {
    checkAny(state.machine());
    return Answers.state(shard.machine(state.machine()));
  }

  private Message archives(Message.Archives request) throws HoldfastException {
    if (!isProven(request.machine(), Right.TIDY)) {
      check(request.machine(), Right.READ);
    }
    return Answers.archives(
        shard.durable(state ->
            state.archives(
                request.machine(), Optional.ofNullable(request.after()), request.limit() + 1)),
        request.limit());
  }

  // Nobody waits for a store: its end is told to the client by `stored`.
  @SuppressWarnings("FutureReturnValueIgnored")
  private void store(int stream, Message.Store store) throws HoldfastException {
    check(store.machine(), Right.WRITE);
    int length = store.bytes().length();
    if (!storeCredit.tryTake(length)) {
      throw new CorruptException("a block was sent without credit");
    }
    StoreLane lane = lanes.computeIfAbsent(store.transaction(), _ -> new StoreLane());
    if (lanes.size() > LANES_MAX) {
      throw new CorruptException("blocks of too many transactions were sent");
    }
    lane.sent();
    try {
      lane.check();
    } catch (HoldfastException e) {
      stored(stream, lane, length, e);
      return;
    }
    shard
        .store(store, Answers.crc(store.bytes()), () -> over)
        .whenComplete((_, failure) -> stored(stream, lane, length, failure));
  }

  /// Waits for the transaction's blocks that this session has sent before.
  private void settle(TransactionId transaction) throws HoldfastException {
    StoreLane lane = lanes.get(transaction);
    if (lane != null) {
      lane.settle();
    }
  }

  private void stored(int stream, StoreLane lane, int length, @Nullable Throwable failure) {
    try {
      storeCredit.give(length);
    } catch (CorruptException e) {
      throw new IllegalStateException("credit is given back once", e);
    }
    outbox.credit(length);
    if (failure == null) {
      lane.done(null);
      return;
    }
    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
    lane.done(
        cause instanceof HoldfastException expected
            ? expected
            : new UnavailableException("the server has met a defect of its own", 60_000));
    outbox.send(stream, Answers.failure(cause));
  }

  private Message fetch(int stream, Message.Fetch fetch) throws HoldfastException {
    check(fetch.machine(), Right.READ);
    Credit credit = new Credit(fetch.creditBytes());
    fetches.put(stream, credit);
    if (over) {
      credit.fail(sessionOver());
    }
    try {
      shard.fetch(fetch.machine(), fetch.blocks(), new BlockSender(connection, stream, credit));
      return new Message.Done();
    } finally {
      fetches.remove(stream);
    }
  }

  private void giveCredit(int stream, long bytes) throws CorruptException {
    Credit credit = fetches.get(stream);
    // A client may give back the last blocks' credit after the last block was sent.
    if (credit != null) {
      credit.give(bytes);
    }
  }

  private void answer(int stream, Request request) {
    Message reply;
    try {
      reply = request.run();
    } catch (Throwable e) {
      // Unanswered, it would leave the client waiting.
      reply = Answers.failure(e);
    }
    // Freed when the reply is sent, so that replies which nobody reads are bounded; not after it,
    // because the client may use the stream again as soon as it has the reply.
    outbox.send(stream, reply, () -> busy.remove(stream));
  }

  private static UnavailableException sessionOver() {
    return new UnavailableException("the session is over");
  }

  private void checkAny(MachineId machine) throws RefusedException {
    for (Right right : Right.values()) {
      if (isProven(machine, right)) {
        return;
      }
    }
    throw new RefusedException("no right to machine " + machine + " is proven in this session");
  }

  private void check(MachineId machine, Right right) throws RefusedException {
    if (!isProven(machine, right)) {
      throw new RefusedException(
          "this needs the right to "
              + right.name().toLowerCase(Locale.ROOT)
              + ", which this session has not proven: use a key file that holds it");
    }
  }

  private boolean isProven(MachineId machine, Right right) {
    synchronized (proven) {
      return proven.contains(new Proven(machine, right));
    }
  }

  private record Proven(MachineId machine, Right right) {}

  private interface Request {
    Message run() throws HoldfastException;
  }
}
