package org.holdfast.server.shard;

import java.security.SecureRandom;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.holdfast.bucket.Bucket;
import org.holdfast.core.Bytes;
import org.holdfast.core.Clock;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.MachineId;
import org.holdfast.core.RefusedException;
import org.holdfast.core.ServiceId;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.LogKey;
import org.holdfast.log.LogReader;
import org.holdfast.log.LogRecord;
import org.holdfast.log.LogWriter;
import org.holdfast.log.SegmentId;
import org.holdfast.protocol.BlockRef;
import org.holdfast.protocol.Message;
import org.holdfast.server.index.IndexException;
import org.holdfast.server.state.DurableState;
import org.holdfast.server.state.MachineRow;
import org.holdfast.server.state.Position;
import org.holdfast.server.state.ShardState;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A shard that serves: the owner's loop, the log it writes, the bucket it reads.
///
/// Any thread may call; every call that touches state is an event of the loop.
public final class ShardService {
  /// Less garbage than this part of a segment's data is not worth cleaning.
  private static final int LEAST_GARBAGE_PART = 16;

  private static final Logger LOG = LoggerFactory.getLogger(ShardService.class);

  private final int number;
  private final Bucket bucket;
  private final Clock clock;
  private final Spawner spawner;
  private final Linger linger;
  private final int segmentDataLength;
  private final int segmentsInFlight;
  private final Damages damages;
  private final Obstacles obstacles;
  private final Listener listener;
  private final BlockReader blocks;
  private final ShardLoop loop = new ShardLoop();
  private final ShardState state;
  private final ShardLog log;
  private final Shard shard;
  private final DeleteService deletes;
  private final Freeing freeing;
  private final Pacer pacer;
  private final BackgroundMemory memory = new BackgroundMemory();
  private final AtomicInteger fetching = new AtomicInteger();
  private final DefectReport defects;
  private volatile @Nullable SegmentStore store;
  private volatile @Nullable DamageWatch watch;
  private volatile @Nullable FenceWatch fence;
  private volatile @Nullable LaterLog later;
  private volatile @Nullable Cleaner cleaner;
  private volatile @Nullable Scrub scrub;
  private volatile @Nullable ShardService beside;
  private volatile boolean stopped;
  private volatile int epoch;

  /// Serves reads only until [#own]. `lingerMillis` is how long a commit waits for others to share
  /// its segment, `graceMillis` how long a deletion can be undone. A segment is closed when its
  /// data reaches `segmentDataLength` bytes; `segmentsInFlight` are on their way at a time.
  public ShardService(
      int number,
      ShardState state,
      Bucket bucket,
      Clock clock,
      Spawner spawner,
      long lingerMillis,
      long graceMillis,
      int segmentDataLength,
      int segmentsInFlight,
      Damages damages,
      Listener listener) {
    this.number = number;
    this.bucket = bucket;
    this.clock = clock;
    this.spawner = spawner;
    this.linger = new Linger(loop, clock, spawner, lingerMillis);
    this.segmentDataLength = segmentDataLength;
    this.segmentsInFlight = segmentsInFlight;
    this.damages = damages;
    this.obstacles = new Obstacles(damages);
    this.listener = listener;
    this.blocks = new BlockReader(bucket, damages, this::isRetired);
    this.defects = new DefectReport(clock);
    FirstReason stopping = new FirstReason(listener);
    this.state = state;
    this.log =
        new ShardLog(
            number,
            state,
            obstacles::toWrites,
            this::flushLater,
            reason -> {
              stopPuts();
              stopping.tell(reason);
            });
    this.shard = new Shard(state, log, damages.copies());
    Deletes rules = new Deletes(shard, state, log);
    this.deletes = new DeleteService(this, shard, rules, log, clock, graceMillis);
    this.pacer = new Pacer(clock, this::clientsWait, obstacles::toBackground, this::whenTurn);
    this.freeing = new Freeing(this, rules, clock);
    loop.start(spawner, "shard " + number, this::goesOnAfter, log::end);
  }

  /// Starts to write the epoch of `first`, which this process has fenced off for itself. Takes no
  /// backups while any of the `suspects`, or what was known before to be damaged, is not what was
  /// acknowledged; returns when that is known.
  public void own(
      ServiceId service,
      LogKey key,
      SegmentId first,
      Bytes owner,
      SecureRandom random,
      Set<SegmentId> suspects)
      throws HoldfastException {
    LogReader reader = new LogReader(bucket, key, service, spawner, clock, 0);
    DamageWatch made =
        new DamageWatch(
            damages,
            reader,
            blocks,
            this::isRetired,
            clock,
            spawner,
            () -> damages.line().ifPresentOrElse(listener::damaged, listener::whole));
    watch = made;
    made.look(suspects);
    FenceWatch watching = new FenceWatch(reader, new LogOwner(loop, log), clock, spawner);
    fence = watching;
    later = null;
    HeaderReader headers = new HeaderReader(reader, damages, this::isRetired);
    scrub = new Scrub(this, headers, blocks, damages, clock);
    cleaner =
        new Cleaner(
            this,
            new CleaningRules(number, state, log),
            headers,
            blocks,
            bucket,
            damages,
            segmentDataLength / LEAST_GARBAGE_PART);
    write(service, key, first, owner, random, watching);
    damages.whenFound(() -> damaged(made));
    if (!damages.isEmpty()) {
      damaged(made);
    }
  }

  /// Only reads, beside another owner, and follows the log no further, unless with [#follower].
  public void readOnly(LogReader reader) throws HoldfastException {
    later = new LaterLog(number, reader, spawner, clock, position().lastSegment(number));
  }

  /// What brings the state on, as another owner writes the log.
  public Follower follower(LogReader reader) throws HoldfastException {
    return new Follower(
        number,
        reader,
        spawner,
        clock,
        position().lastSegment(number),
        header -> {
          LaterLog behind = later;
          Position at = loop.call(() -> log.follow(header));
          if (behind != null) {
            behind.followed(at.segmentId(number));
          }
        });
  }

  private void write(
      ServiceId service,
      LogKey key,
      SegmentId first,
      Bytes owner,
      SecureRandom random,
      FenceWatch watching)
      throws HoldfastException {
    PutOutcomes outcomes = new PutOutcomes(loop, log, defects, watching);
    SegmentStore made = new SegmentStore(bucket, clock, spawner, random, outcomes);
    store = made;
    epoch = first.epoch();
    LogRecord.EpochBegun term = new LogRecord.EpochBegun(first.epoch(), owner, clock.wallMillis());
    loop.call(() -> {
      long next = state.position().nextRecord();
      shard.own(
          new LogWriter(
              service, key, first, next, clock, made, segmentDataLength, segmentsInFlight),
          term);
      return shard;
    });
  }

  /// Checks that rebuilds of this index's folder went on without, a line each.
  public List<String> overrides() {
    return defects.overrides();
  }

  /// Keeps in this folder what was seen when something happened that should never happen.
  public void reportDefects(StateFolder folder) {
    defects.keepIn(folder);
  }

  /// Something has happened in background work that should not be possible: the log stops, as when
  /// the owner meets it.
  public void reportDefect(Throwable defect) {
    loop.post(() -> goesOnAfter(defect));
  }

  /// From here on stops what would fill the disk that this folder is on.
  public void watchDisk(StateFolder folder, DiskWatch.Marks marks) {
    DiskWatch made =
        new DiskWatch(folder::freeBytes, marks, clock, () -> loop.post(log::obstructed));
    obstacles.watch(made);
    made.begin(spawner);
  }

  /// Takes no backups until the process ends, for this reason.
  public void hold(String why) {
    obstacles.hold(why);
  }

  private void damaged(DamageWatch by) {
    loop.post(log::obstructed);
    damages.line().ifPresent(listener::damaged);
    by.begin();
  }

  public int number() {
    return number;
  }

  /// Looks whether the log goes on and is still this owner's. What the index of another owner's log
  /// holds does not say what must be in the bucket.
  public boolean goesOn() {
    FenceWatch watching = fence;
    if (watching != null) {
      watching.look();
    }
    try {
      return loop.call(() -> {
        log.checkGoesOn();
        return true;
      });
    } catch (HoldfastException _) {
      return false;
    }
  }

  /// The epoch that this process writes; 0 if it only reads.
  public int epoch() {
    return epoch;
  }

  /// Makes what is appended durable, then ends the loop. The index may be flushed and closed after.
  public void close() throws HoldfastException {
    try {
      awaitDurable();
    } finally {
      stop();
    }
  }

  /// Ends the loop; what is not durable by then is not made so, and who waits for it is told.
  public void stop() {
    freeing.stop();
    cleaner().ifPresent(Cleaner::stop);
    scrub().ifPresent(Scrub::stop);
    memory.wake();
    stopPuts();
    DamageWatch watching = watch;
    if (watching != null) {
      watching.stop();
    }
    obstacles.stop();
    loop.stop();
    defects.close();
    stopped = true;
  }

  /// What could not be put so far never counts: an owner that was fenced does not try on for ever.
  private void stopPuts() {
    SegmentStore puts = store;
    if (puts != null) {
      puts.stop();
    }
  }

  /// Waits until every record appended so far is durable.
  public void awaitDurable() throws HoldfastException {
    ShardLoop.await(later(log::durable));
  }

  public Position position() throws HoldfastException {
    return loop.call(state::position);
  }

  /// Why no backups are taken at the moment; empty if they are.
  public Optional<String> obstacle() throws HoldfastException {
    return loop.call(log::obstacle);
  }

  /// Who waits for the log, and what it holds in memory.
  public LogQueues queues() throws HoldfastException {
    return loop.call(log::queues);
  }

  /// How the state folder's disk is; empty if nobody watches it.
  public Optional<DiskWatch.Report> disk() {
    return obstacles.disk();
  }

  /// The file that says what should never have happened since the start, if anything has.
  public Optional<String> defectReport() {
    return defects.last();
  }

  /// How many objects of the log are known to be damaged.
  public int damagedObjects() {
    return damages.count();
  }

  /// What cannot be read for damage.
  public LostData lost() throws HoldfastException {
    return durable(damages::lost);
  }

  /// The machine's copies that are known to be damaged, though not those of objects of which it is
  /// not known what of them is.
  public Set<DamagedCopy> damagedCopies(MachineId machine) {
    return damages.copies().of(machine, number);
  }

  /// Reads the state, on the owner's thread.
  public <T> T read(Question<T> question) throws HoldfastException {
    return loop.call(() -> question.ask(state));
  }

  /// Appends the records that `decide` makes of the state, and waits until they are durable.
  public void write(Question<List<LogRecord>> decide) throws HoldfastException {
    whenRoom(() -> {
      for (LogRecord item : decide.ask(state)) {
        log.append(item);
      }
      return log.durable();
    });
  }

  /// The machine's row; what it says is durable. While nothing becomes durable, what was.
  public MachineRow machine(MachineId id) throws HoldfastException {
    FenceWatch watching = fence;
    if (watching != null) {
      watching.asked();
    }
    return ShardLoop.await(
        later(() -> {
          if (log.isHeldUp()) {
            return CompletableFuture.completedFuture(known(state.durable(), id));
          }
          MachineRow row = shard.machine(id);
          return shard.settled(id).thenApply(_ -> row);
        }));
  }

  /// Reads what is durable, on the caller's thread: the owner goes on meanwhile.
  public <T> T durable(Reading<T> reading) throws HoldfastException {
    try {
      return reading.read(state.durable());
    } catch (IndexException e) {
      if (stopped) {
        throw ShardLoop.stopped();
      }
      throw e;
    }
  }

  private static MachineRow known(DurableState durable, MachineId id) throws HoldfastException {
    return durable
        .machine(id)
        .orElseThrow(() -> new RefusedException("machine " + id + " is not registered here"));
  }

  /// Runs the action on the owner's thread, once the log has room for its records, and waits for
  /// what becomes of it.
  <T> T whenRoom(ShardLog.Action<T> action) throws HoldfastException {
    return ShardLoop.await(later(() -> log.whenRoom(0, () -> false, action)));
  }

  /// As [#whenRoom], for background work. Of a job that does not wait for it any more nothing stays
  /// behind: what its action holds is free at once.
  private <T> T whenTurn(int dataLength, long bytes, ShardLog.Action<T> action)
      throws HoldfastException {
    AtomicBoolean gone = new AtomicBoolean();
    CompletableFuture<T> done = later(() -> log.whenTurn(dataLength, bytes, gone::get, action));
    try {
      return ShardLoop.await(done);
    } finally {
      if (!done.isDone()) {
        gone.set(true);
        dropGone();
      }
    }
  }

  /// From here on background work makes way for that one's clients too: it reads the same index.
  public void besides(ShardService other) {
    beside = other;
  }

  private boolean clientsWait() {
    ShardService other = beside;
    return loop.isBusy()
        || log.clientsWait()
        || fetching.get() > 0
        || (other != null && other.clientsWait());
  }

  /// What background work asks for its turn.
  public Pacer pacer() {
    return pacer;
  }

  /// What background work holds in memory.
  public BackgroundMemory memory() {
    return memory;
  }

  public RecentDigests digests() {
    return log.digests();
  }

  /// What deletes.
  public DeleteService deletes() {
    return deletes;
  }

  /// What frees.
  public Freeing freeing() {
    return freeing;
  }

  /// What cleans; empty while this process does not own the log.
  public Optional<Cleaner> cleaner() {
    return Optional.ofNullable(cleaner);
  }

  /// What reads everything again; empty while this process does not own the log.
  public Optional<Scrub> scrub() {
    return Optional.ofNullable(scrub);
  }

  public boolean begin(Message.Begin request) throws HoldfastException {
    freeing.want();
    return whenRoom(() ->
        CompletableFuture.completedFuture(
            shard.begin(request.machine(), request.transaction(), request.predecessor())));
  }

  /// Which of the blocks are there. The owner answers from memory; the index is read here.
  public BitSet has(Message.Has request) throws HoldfastException {
    Shard.Recent recent = loop.call(() -> shard.recent(request));
    return durable(rows -> recent.complete(request, rows, damages.copies()));
  }

  /// Which blocks the transaction must not rely on without sending them again.
  public Message.DamagedReply damaged(Message.Damaged request, DamageTold told)
      throws HoldfastException {
    return new DamageAnswer(this, loop, shard, damages.copies()).answer(request, told);
  }

  /// Completes when the block has its place in a segment; only then is the caller's credit back.
  /// Where `gone` says so, nobody needs it any more.
  public CompletableFuture<Void> store(Message.Store request, int crc, BooleanSupplier gone) {
    return later(() -> shard.store(request, crc, gone));
  }

  /// Some caller of [#store] is gone.
  public void dropGone() {
    loop.post(log::dropGone);
  }

  /// `told` is what the session was told that asks for it.
  public void checkpoint(Message.Checkpoint request, DamageTold told) throws HoldfastException {
    whenRoom(() -> shard.checkpoint(request, told, clock.wallMillis()));
  }

  /// As [#checkpoint].
  public void commit(Message.Commit request, DamageTold told) throws HoldfastException {
    whenRoom(() -> shard.commit(request, told, clock.wallMillis()));
  }

  public void cancel(Message.Cancel request) throws HoldfastException {
    whenRoom(() -> shard.cancel(request.machine(), request.transaction()));
    freeing.want();
  }

  /// Reads blocks and hands each to the sink, those that lie beside each other in the bucket with
  /// one request, several requests at a time. Blocks that were never stored are handed over as
  /// missing, first; those that are lost to the bucket are so in their turn, and all others come
  /// all the same.
  public void fetch(MachineId machine, List<BlockRef> refs, BlockSink sink)
      throws HoldfastException {
    fetching.incrementAndGet();
    try {
      new BlockFetch(this, blocks, damages.copies(), spawner, machine, refs, sink).run();
    } finally {
      fetching.decrementAndGet();
    }
  }

  /// Asked of an object that is not what it should be. Whoever was replaced cannot tell.
  private boolean isRetired(SegmentId id) throws UnavailableException {
    try {
      if (state.durable().segment(id).isEmpty()) {
        return true;
      }
    } catch (IndexException e) {
      if (stopped) {
        throw ShardLoop.stopped();
      }
      throw e;
    }
    FenceWatch watching = fence;
    if (watching != null) {
      watching.checkNotReplaced();
    }
    LaterLog behind = later;
    if (behind != null) {
      behind.checkNotRetired(id, damages.contains(id));
    }
    return false;
  }

  /// The owner has met a defect, its disk fails, or there is no memory: nothing is written any
  /// more, whoever waits is told, and what is durable can be read, unless even that fails.
  private boolean goesOnAfter(Throwable defect) {
    LOG.error("something that should not be possible has happened: the log stops", defect);
    try {
      defects.write(defect, log.seen());
      log.stop(
          new UnavailableException("the server has met a defect of its own: " + defect, defect));
      return true;
    } catch (Throwable e) {
      LOG.error("stopping after a defect failed too: only what the index holds is served", e);
      return false;
    }
  }

  private void flushLater() {
    linger.begin(log::flush);
  }

  // The inner future is what the outer one becomes: it is not dropped.
  @SuppressWarnings("FutureReturnValueIgnored")
  private <T> CompletableFuture<T> later(ShardLoop.Event<CompletableFuture<T>> event) {
    return loop.submit(event).thenCompose(done -> done);
  }

  /// Something that only the owner may look up.
  public interface Question<T> {
    T ask(ShardState state) throws HoldfastException;
  }

  /// Reads what is durable.
  public interface Reading<T> {
    T read(DurableState state) throws HoldfastException;
  }

  /// Hears, from any thread, whether backups are taken.
  public interface Listener {
    /// The log cannot be written any more, and why. Once.
    void stopped(Exception reason);

    /// An object is lost or damaged, in one line that says whether backups go on.
    default void damaged(String line) {}

    /// Every object is whole again.
    default void whole() {}
  }
}
