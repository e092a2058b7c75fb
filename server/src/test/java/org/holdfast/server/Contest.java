package org.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Predicate;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.MemoryBucket;
import org.holdfast.bucket.PutResult;
import org.holdfast.core.ConflictException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Spawner;
import org.holdfast.log.Fence;
import org.holdfast.log.LogReader;
import org.holdfast.log.SegmentId;
import org.holdfast.log.StateDigest;
import org.holdfast.server.index.MemoryIndex;
import org.holdfast.server.shard.ShardService;
import org.holdfast.server.state.ShardState;
import org.jspecify.annotations.Nullable;

/// Two servers that both believe they own a shard, for as long as they can: one run, by its seed.
///
/// Each step lets one bucket call of one server take effect, or be answered; or loses it, or its
/// answer; or has its sender give it up while it is on its way; or has a client begin something.
/// One server at a time is favoured: all that the other has begun is paused, wherever it stands.
///
/// In the end a third server, which has nothing but the bucket, takes over. What is still on its
/// way arrives after that; then everything that was acknowledged, by whomever, must be there.
final class Contest {
  private static final int STEPS = 150;
  private static final int STARTS_MAX = 4;
  private static final int LAST_STEPS_MAX = 5000;

  private final Random random;
  private final Ground ground;
  private final Pauses pauses;
  private final Stage stage = new Stage();
  private final List<Rival> rivals;
  private final Clients clients = new Clients(stage, this::sealedAt, this::say);
  private final List<OnItsWay> onTheirWay = new ArrayList<>();
  private final List<String> trace = Collections.synchronizedList(new ArrayList<>());

  /// When the seal of an epoch came to be.
  private final Map<Integer, Long> sealedAt = Collections.synchronizedMap(new HashMap<>());

  /// The only server that goes on, or 2: both.
  private int favoured = 2;

  private int fenced;

  /// A put whose sender has given it up.
  private record OnItsWay(StagedCall call, Ground.Late late) {}

  /// Indexes are in folders below `home`, or in memory.
  Contest(long seed, Ground ground, @Nullable Path home, Pauses pauses) {
    this.random = new Random(seed);
    this.ground = ground;
    this.pauses = pauses;
    this.rivals = List.of(rival("first", 0, home), rival("second", 1, home));
  }

  private Rival rival(String name, int way, @Nullable Path home) {
    Path folder = home == null ? null : home.resolve(name);
    return new Rival(name, stage, ground.way(way), folder, random.nextLong());
  }

  /// How many checkpoints, commits and accounts were acknowledged.
  int acknowledged() {
    return clients.acknowledged();
  }

  /// How many terms ended by another server's seal.
  int fenced() {
    return fenced;
  }

  List<String> trace() {
    return List.copyOf(trace);
  }

  void run() throws HoldfastException {
    try {
      if (random.nextInt(2) == 0) {
        rivals.forEach(this::begin);
      }
      for (int i = 0; i < STEPS; i++) {
        stage.settle();
        nothingWrong();
        step();
      }
      finish();
    } finally {
      stage.end();
      rivals.forEach(Rival::stop);
      stage.settle();
    }
  }

  private void nothingWrong() {
    List<Throwable> wrong = new ArrayList<>(clients.wrong());
    rivals.forEach(rival -> wrong.addAll(rival.defects));
    if (!wrong.isEmpty()) {
      throw new AssertionError(wrong.getFirst().toString(), wrong.getFirst());
    }
  }

  private void step() throws HoldfastException {
    if (random.nextInt(12) == 0) {
      favoured = random.nextInt(3);
    }
    List<StagedCall> calls = stage.calls().stream().filter(call -> isFavoured(call.who)).toList();
    if (!onTheirWay.isEmpty() && random.nextInt(30) == 0) {
      land(onTheirWay.remove(random.nextInt(onTheirWay.size())));
    } else if (calls.isEmpty() || random.nextInt(4) == 0) {
      begin(rivals.get(favoured < 2 ? favoured : random.nextInt(2)));
    } else {
      go(calls.get(random.nextInt(calls.size())));
    }
  }

  private boolean isFavoured(Rival rival) {
    return favoured == 2 || rivals.indexOf(rival) == favoured;
  }

  private void begin(Rival rival) {
    Rival.Term term = rival.term();
    if (rival.isDown()) {
      if (rival.starts < STARTS_MAX) {
        say(rival.name() + " starts");
        rival.start();
      }
    } else if (term != null && (!term.stopped().isEmpty() || random.nextInt(50) == 0)) {
      say(rival.name() + " ends its term in epoch " + term.epoch());
      if (!term.stopped().isEmpty()) {
        fenced++;
        isFenced(term);
      }
      rival.stop();
    } else if (term != null) {
      clients.begin(term, random);
    }
  }

  /// One call goes on.
  private void go(StagedCall call) throws HoldfastException {
    stage.tick();
    int fate = random.nextInt(100);
    if (call.isDone()) {
      answer(call);
    } else if (fate < 3) {
      say(call + " does not arrive");
      call.fail("it did not arrive");
    } else if (fate < 12 && call.body != null) {
      say(call + " is given up");
      onTheirWay.add(new OnItsWay(call, call.who.way().late(call.key, call.body)));
      call.fail("no answer in time");
    } else {
      perform(call);
      if (fate < 15) {
        say(call + ": the answer is lost");
        pauses.lost(call);
        call.fail("the answer was lost");
      } else if (fate < 60) {
        answer(call);
      }
    }
  }

  private void perform(StagedCall call) throws HoldfastException {
    pauses.before(call, stage.time());
    if (call.body == null || random.nextInt(2) == 0) {
      call.perform(stage.time());
      performed(call);
      return;
    }
    List<StagedCall> same =
        stage.calls().stream()
            .filter(each -> each.body != null && !each.isDone() && each.key.equals(call.key))
            .toList();
    List<OnItsWay> late =
        onTheirWay.stream().filter(each -> each.call.key.equals(call.key)).toList();
    onTheirWay.removeAll(late);
    if (same.size() + late.size() == 1) {
      call.perform(stage.time());
    } else {
      race(same, late);
    }
    same.forEach(this::performed);
    for (OnItsWay each : late) {
      landed(each);
    }
  }

  /// Puts of one key, at the same moment.
  private void race(List<StagedCall> same, List<OnItsWay> late) {
    pauses.raced();
    say("a race of " + (same.size() + late.size()));
    List<Thread> threads = new ArrayList<>();
    for (StagedCall each : same) {
      threads.add(Spawner.platform().spawn("race", () -> each.perform(stage.time())));
    }
    for (OnItsWay each : late) {
      threads.add(Spawner.platform().spawn("race", () -> arrive(each)));
    }
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  private void arrive(OnItsWay put) {
    try {
      put.late.land();
    } catch (HoldfastException e) {
      throw new AssertionError(e);
    }
  }

  private void performed(StagedCall call) {
    say(call + " -> " + call.outcome());
    if (call.result() == PutResult.CREATED) {
      created(call);
    }
  }

  private void created(StagedCall put) {
    if (put.step == Step.SEAL) {
      sealedAt.putIfAbsent(epochOf(put), stage.time());
    }
  }

  private void answer(StagedCall call) {
    pauses.after(call, stage.time());
    call.answer();
  }

  /// A put arrives that nobody waits for.
  private void land(OnItsWay put) throws HoldfastException {
    stage.tick();
    boolean beyond = sealedAt.containsKey(epochOf(put.call));
    pauses.late(put.call, beyond);
    arrive(put);
    landed(put);
  }

  private void landed(OnItsWay put) throws HoldfastException {
    StagedCall call = put.call;
    SegmentId id = SegmentId.ofKey(call.key).orElseThrow();
    Bucket way = call.who.way().bucket();
    boolean there = way.get(id.key(), 0, 0).isPresent() && Fence.holds(way, id, call.body);
    say(call + " arrives late" + (there ? "; it is there" : ""));
    if (there) {
      created(call);
    }
  }

  private static int epochOf(StagedCall put) {
    return SegmentId.ofKey(put.key).orElseThrow().epoch();
  }

  /// Nobody starts any more: a third server takes over, and what is on its way arrives after that.
  private void finish() throws HoldfastException {
    say("the end begins");
    settleWhile(call -> call.who.isStarting(), false);
    ShardService last = new World().own(ground.way(2).bucket(), new MemoryIndex());
    try {
      last.awaitDurable();
      int epoch = last.position().epoch();
      say("a third server owns epoch " + epoch);
      for (int sealed = 1; sealed < epoch; sealed++) {
        sealedAt.putIfAbsent(sealed, stage.time());
      }
      stage.tick();
      settleWhile(_ -> true, true);
      assertThat(clients.busy()).as("who still waits for an answer").isEmpty();
      for (Rival rival : rivals) {
        provesFenced(rival);
      }
      clients.openAccount(last, Saver.Acknowledged.AT_ONCE, random);
      check(last);
    } finally {
      last.stop();
    }
  }

  private void check(ShardService last) throws HoldfastException {
    clients.check(last);
    last.awaitDurable();
    StateDigest digest = last.read(ShardState::digest);
    Bucket copy = copied(ground.way(2).bucket());
    assertThat(World.replay(copy, new MemoryIndex())).as("the log alone").isEqualTo(digest);
    for (Rival rival : rivals) {
      assertThat(rival.caughtUp(copy)).as("the index of %s", rival.name()).isEqualTo(digest);
    }
  }

  /// All of the log, so that it can be read often.
  private static Bucket copied(Bucket bucket) throws HoldfastException {
    MemoryBucket copy = new MemoryBucket();
    var reader =
        new LogReader(bucket, World.KEY, World.SERVICE, Spawner.virtual(), new TestClock(), 0);
    for (SegmentId id : reader.list(0).keySet()) {
      byte[] object = bucket.getWhole(id.key(), Bucket.MAX_OBJECT_LENGTH).orElseThrow();
      copy.putIfAbsent(id.key(), List.of(ByteBuffer.wrap(object)));
    }
    return copy;
  }

  private void provesFenced(Rival rival) throws HoldfastException {
    Rival.Term term = rival.term();
    if (term == null) {
      return;
    }
    clients.beginInVain(term);
    settleWhile(_ -> true, true);
    isFenced(term);
    fenced++;
    rival.stop();
  }

  /// That, and nothing else, is why it has stopped.
  private static void isFenced(Rival.Term term) {
    assertThat(term.stopped()).as("why %s has stopped", term.rival().name()).hasSize(1);
    assertThat(term.stopped().getFirst())
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("taken this shard over");
  }

  /// Lets calls go on, without further mishaps, and what is on its way arrive, until there are
  /// none.
  private void settleWhile(Predicate<StagedCall> which, boolean lands) throws HoldfastException {
    for (int i = 0; i < LAST_STEPS_MAX; i++) {
      stage.settle();
      nothingWrong();
      List<StagedCall> calls = stage.calls().stream().filter(which).toList();
      if (!calls.isEmpty()) {
        StagedCall call = calls.get(random.nextInt(calls.size()));
        stage.tick();
        if (!call.isDone()) {
          perform(call);
        }
        answer(call);
      } else if (lands && !onTheirWay.isEmpty()) {
        land(onTheirWay.removeFirst());
      } else {
        return;
      }
    }
    throw new AssertionError("it does not end");
  }

  private Optional<Long> sealedAt(int epoch) {
    return Optional.ofNullable(sealedAt.get(epoch));
  }

  private void say(String what) {
    trace.add(stage.time() + " " + what);
  }
}
