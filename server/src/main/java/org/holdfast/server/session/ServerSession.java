package org.holdfast.server.session;

import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.holdfast.core.Bytes;
import org.holdfast.core.Clock;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
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
import org.holdfast.protocol.Share;
import org.holdfast.server.shard.DamageTold;
import org.holdfast.server.shard.ShardService;
import org.holdfast.server.state.MachineRow;
import org.jspecify.annotations.Nullable;

/// One client's session: takes its messages, checks its rights, asks the shard.
///
/// Rights are proven for this session alone, and looked up for every request. Quick requests are
/// answered where they are read; what waits for the bucket runs on a thread of its own, so that the
/// session goes on reading.
final class ServerSession implements OpenSession {
  /// What a client that has proven nothing may send at most, in bytes.
  private static final int UNPROVEN_PAYLOAD_MAX = 64 << 10;

  /// The longest payload, in bytes: a block and its names.
  private static final int PAYLOAD_MAX = (16 << 20) + (64 << 10);

  /// Streams that may be open at a time.
  private static final int STREAMS_MAX = 64;

  /// How long a client may take to read why its session ends.
  private static final long PARTING_MILLIS = 2000;

  /// Transactions that a session may be storing for at a time: a machine has one.
  private static final int LANES_MAX = 64;

  /// When a client may ask again that asks for too much.
  private static final int TOO_MUCH_MILLIS = 2000;

  private final Connection connection;
  private final ShardService shard;
  private final ServiceId service;
  private final Clock clock;
  private final Spawner spawner;
  private final Registration registration;
  private final Greeting greeting;
  private final Optional<Served.Gate> gate;
  private final Rights rights = new Rights();
  private final DeleteAnswers deletes;
  private final Budgets budgets;
  private volatile Budgets.@Nullable Claim memory;
  private final long startNanos;
  private final Map<Integer, Credit> fetches = new ConcurrentHashMap<>();
  private final Set<Integer> busy = ConcurrentHashMap.newKeySet();
  private final Credit storeCredit;
  private final Map<TransactionId, StoreLane> lanes = new ConcurrentHashMap<>();
  private final Outbox outbox;
  private final DamageReport damages;
  private final DamageTold told = new DamageTold();
  private volatile boolean over;

  /// A `gate` says what a server holds back that recovers.
  ServerSession(
      Connection connection,
      ShardService shard,
      Optional<Served.Gate> gate,
      Greeting greeting,
      ServiceId service,
      Budgets budgets,
      Clock clock,
      Spawner spawner,
      Consumer<String> damages) {
    this.connection = connection;
    this.shard = shard;
    this.gate = gate;
    this.greeting = greeting;
    this.service = service;
    this.clock = clock;
    this.spawner = spawner;
    this.registration = new Registration(connection, shard, service, clock);
    this.deletes = new DeleteAnswers(shard.deletes());
    this.budgets = budgets;
    this.startNanos = clock.nanos();
    this.storeCredit = new Credit(budgets.storeCreditBytes());
    this.outbox = new Outbox(connection, storeCredit, spawner);
    this.damages = new DamageReport(damages);
  }

  @Override
  public void run() {
    connection.limitPayload(UNPROVEN_PAYLOAD_MAX);
    Optional<Message> last = Optional.empty();
    try {
      if (greet()) {
        last = serve();
      }
    } catch (HoldfastException e) {
      last = Optional.of(Message.Failure.of(e));
    } finally {
      over = true;
      fetches.values().forEach(credit -> credit.fail(sessionOver()));
      leave();
      lanes.values().forEach(StoreLane::abandon);
      shard.dropGone();
      outbox.finish();
    }
    last.ifPresent(reason -> Parting.say(connection, reason, clock, spawner, PARTING_MILLIS));
  }

  @Override
  public void goodbye(String reason) {
    try {
      connection.send(0, new Message.Goodbye(reason));
    } catch (UnavailableException e) {
      connection.close();
    }
  }

  @Override
  public void close() {
    connection.close();
  }

  @Override
  public boolean isIdleSince(long millis) {
    return rights.isEmpty() && (clock.nanos() - startNanos) / 1_000_000 > millis;
  }

  private void leave() {
    Budgets.Claim claim = memory;
    if (claim != null) {
      claim.wake();
      budgets.leave(claim);
    }
  }

  private boolean greet() throws HoldfastException {
    Optional<Message.Welcome> welcome = greeting.of(connection);
    welcome.ifPresent(each -> outbox.send(0, each));
    return welcome.isPresent();
  }

  /// Answers what is to be said last, if anything.
  private Optional<Message> serve() throws HoldfastException {
    for (var next = connection.receive(); next.isPresent(); next = connection.receive()) {
      int stream = next.get().stream();
      Message message = next.get().message();
      Optional<Message.Failure> missing = rights.missing(message);
      switch (message) {
        case Message.Ping _ -> {}
        case Message.Goodbye _ -> {
          return Optional.empty();
        }
        case Message.MoreCredit more -> giveCredit(stream, more.bytes());
        case Message.Store store -> {
          if (missing.isPresent() || gate.isPresent()) {
            connection.giveBack(next.get().leasedBytes());
            return missing.isPresent() ? missing.map(each -> each) : Optional.of(readsOnly());
          }
          store(stream, store, next.get().leasedBytes());
        }
        case Message request -> request(stream, request, missing);
      }
    }
    return Optional.empty();
  }

  private void request(int stream, Message request, Optional<Message.Failure> missing)
      throws CorruptException {
    if (busy.size() >= STREAMS_MAX || !busy.add(stream)) {
      throw new CorruptException("stream " + stream + " is in use, or too many are");
    }
    if (missing.isPresent()) {
      answer(stream, missing::get, () -> {});
    } else if (request instanceof Message.Prove prove) {
      answer(stream, () -> prove(prove), () -> {});
    } else {
      spawnRequest(stream, request);
    }
  }

  /// Without memory for what it names it is refused: waiting for some, the session would not read
  /// the credit that other requests of its own wait for.
  private void spawnRequest(int stream, Message request) {
    Budgets.Claim claim = memory;
    if (claim == null) {
      spawner.spawn("request", () -> answer(stream, () -> slow(stream, request), () -> {}));
      return;
    }
    int bytes = RequestCost.of(request);
    if (!claim.requests().tryTake(bytes)) {
      answer(stream, () -> Message.Failure.of(tooMuch()), () -> {});
      return;
    }
    spawner.spawn(
        "request",
        () -> answer(stream, () -> slow(stream, request), () -> claim.requests().give(bytes)));
  }

  private static UnavailableException tooMuch() {
    return new UnavailableException(
        "too much is asked for at the same time: try again in a moment", TOO_MUCH_MILLIS);
  }

  private Message readsOnly() {
    return Message.Failure.of(gate.orElseThrow().readsOnly());
  }

  private Message slow(int stream, Message request) throws HoldfastException {
    if (gate.isPresent() && !isRead(request)) {
      return readsOnly();
    }
    return switch (request) {
      case Message.Register register -> registration.register(register);
      case Message.State state -> state(state);
      case Message.Begin begin -> begin(begin);
      case Message.Has has -> new Message.HasReply(has.names().size(), shard.has(has));
      case Message.Damaged damaged -> shard.damaged(damaged, told);
      case Message.Archives archives -> archives(archives);
      case Message.Checkpoint checkpoint -> {
        settle(checkpoint.transaction());
        shard.checkpoint(checkpoint, told);
        yield new Message.Done();
      }
      case Message.Commit commit -> {
        settle(commit.transaction());
        shard.commit(commit, told);
        lanes.remove(commit.transaction());
        yield new Message.Done();
      }
      case Message.Cancel cancel -> {
        shard.cancel(cancel);
        lanes.remove(cancel.transaction());
        yield new Message.Done();
      }
      case Message.Fetch fetch -> fetch(stream, fetch);
      case Message.Deleting deleting -> deletes.answer(deleting, () -> over);
      default -> throw new RefusedException("this is nothing that a client may send here");
    };
  }

  private static boolean isRead(Message request) {
    return switch (request) {
      case Message.State _,
          Message.Archives _,
          Message.Fetch _,
          Message.Deleted _,
          Message.Deletions _ ->
          true;
      default -> false;
    };
  }

  private Message prove(Message.Prove prove) throws HoldfastException {
    Optional<UnavailableException> closed = gate.flatMap(each -> each.closed(prove.machine()));
    if (closed.isPresent()) {
      return Message.Failure.of(closed.get());
    }
    // Who backs up settles what it remembers by what it is shown, and this may be old.
    if (gate.isPresent() && prove.right() == Right.WRITE) {
      return readsOnly();
    }
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
    if (rights.isEmpty()) {
      // Not before: a stranger must not hold memory that all sessions share.
      Budgets.Claim claim = budgets.join(machine.get().account(), prove.machine());
      memory = claim;
      connection.limitPayload(PAYLOAD_MAX);
      connection.meterStores(claim.stores(), clock, spawner);
    }
    rights.prove(prove.machine(), prove.right());
    return new Message.Done();
  }

  private Message begin(Message.Begin begin) throws HoldfastException {
    boolean resumed = shard.begin(begin);
    told.forget(begin.machine());
    lanes.remove(begin.transaction());
    return new Message.Begun(resumed);
  }

  private Message state(Message.State state) throws HoldfastException {
    if (gate.isEmpty()) {
      return Answers.state(shard.machine(state.machine()));
    }
    // Another owner brings these rows on: what the shard remembers of them is old.
    Optional<MachineRow> row = shard.durable(rows -> rows.machine(state.machine()));
    return Answers.state(
        row.orElseThrow(() -> new RefusedException("the machine is not registered here")));
  }

  private Message archives(Message.Archives request) throws HoldfastException {
    return Answers.archives(
        shard.durable(state ->
            state.archives(
                request.machine(), Optional.ofNullable(request.after()), request.limit() + 1)),
        request.limit());
  }

  // Nobody waits for a store: its end is told to the client by `stored`.
  @SuppressWarnings("FutureReturnValueIgnored")
  private void store(int stream, Message.Store store, int leasedBytes) throws HoldfastException {
    StoreLane lane = lanes.computeIfAbsent(store.transaction(), _ -> new StoreLane());
    if (!storeCredit.tryTake(store.cost()) || lanes.size() > LANES_MAX) {
      connection.giveBack(leasedBytes);
      throw new CorruptException(
          "a block was sent without credit, or blocks of too many transactions");
    }
    lane.sent();
    CompletableFuture<Void> done;
    try {
      lane.check();
      done = shard.store(store, Answers.crc(store.bytes()), () -> over);
    } catch (HoldfastException e) {
      done = CompletableFuture.failedFuture(e);
    }
    int cost = store.cost();
    done.whenComplete((_, failure) -> stored(stream, lane, cost, leasedBytes, failure));
  }

  /// Waits for the transaction's blocks that this session has sent before.
  private void settle(TransactionId transaction) throws HoldfastException {
    StoreLane lane = lanes.get(transaction);
    if (lane != null) {
      lane.settle();
    }
  }

  private void stored(
      int stream, StoreLane lane, int cost, int leasedBytes, @Nullable Throwable failure) {
    connection.giveBack(leasedBytes);
    if (failure == null) {
      lane.done(null);
      outbox.credit(cost);
      return;
    }
    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
    lane.done(
        cause instanceof HoldfastException expected
            ? expected
            : new UnavailableException("the server has met a defect of its own", 60_000));
    // The credit comes back when the ERROR goes out: a client that does not read its ERRORs has no
    // credit for more of them.
    outbox.send(stream, Answers.failure(cause), () -> outbox.credit(cost));
  }

  private Message fetch(int stream, Message.Fetch fetch) throws HoldfastException {
    Share share = Objects.requireNonNull(memory, "who may fetch has proven a right").fetches();
    Credit credit = new Credit(fetch.creditBytes());
    fetches.put(stream, credit);
    if (over) {
      credit.fail(sessionOver());
    }
    try {
      BlockSender sender = new BlockSender(connection, stream, credit, share, () -> over, damages);
      shard.fetch(fetch.machine(), fetch.blocks(), sender);
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

  /// `replied` runs once, when the reply leaves or will never leave.
  private void answer(int stream, Request request, Runnable replied) {
    Message reply;
    try {
      reply = request.run();
    } catch (Throwable e) {
      // Unanswered, it would leave the client waiting.
      reply = Answers.failure(e);
    }
    // Freed when the reply is sent, so that replies which nobody reads are bounded; not after it,
    // because the client may use the stream again as soon as it has the reply.
    outbox.send(
        stream,
        reply,
        () -> {
          busy.remove(stream);
          replied.run();
        });
  }

  private static UnavailableException sessionOver() {
    return new UnavailableException("the session is over");
  }

  private interface Request {
    Message run() throws HoldfastException;
  }
}
