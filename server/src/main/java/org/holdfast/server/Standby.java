package org.holdfast.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import org.holdfast.core.Clock;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;
import org.holdfast.server.journal.Timeline;
import org.holdfast.server.session.StatusReport;
import org.holdfast.server.shard.Follower;
import org.holdfast.server.shard.ShardStart;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A server's time as a standby: follows the log until it takes it over, on command or because the
/// owner is silent (`docs/standby.md`).
///
/// One thread follows and takes over, another asks the partner. Any thread asks how it is.
final class Standby implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Standby.class);

  /// How often the log and the partner are asked. At the price of a request to a store, a dollar a
  /// month.
  private static final long POLL_MILLIS = 1000;

  /// Between looks that fail: a listing costs a large log hundreds of requests.
  private static final long FAILED_MILLIS_MAX = 16_000;

  /// Who has not looked for so long may have missed what was cleaned.
  private static final long LATE_MILLIS = 30_000;

  /// Within so long a partner that is well answers.
  private static final int ANSWER_MILLIS = 2000;

  /// Who has lost the log, and has not heard since that its partner owns it, leaves it alone for so
  /// long: it may be cut off from a partner that is well.
  private static final long AFTER_LOSS_MILLIS = 600_000;

  private final Service service;
  private final Service.Terms terms;
  private final Follower follower;
  private final Optional<Partner> partner;
  private final long silenceMillis;
  private final Clock clock;
  private final Timeline timeline;
  private final ShardStart.Listener starting;
  private final Changes changes;
  private final ReentrantLock lock = new ReentrantLock();

  private final long startNanos;

  // The following thread's.
  private long lookedNanos;
  private long pauseMillis = POLL_MILLIS;

  // Guarded by the lock.
  private final List<Thread> threads = new ArrayList<>();
  private Partner.State heard = Partner.State.SILENT;
  private long aliveNanos;
  private long followedNanos;
  private boolean mayTakeOverAlone;
  private Optional<String> trouble = Optional.empty();
  private @Nullable CompletableFuture<Boolean> wanted;
  private boolean isOver;

  /// `silenceMillis` is for how long the owner must be silent; 0: it is never taken for dead.
  /// `hasLost` says that the log was taken from this process just before.
  Standby(
      Service service,
      Service.Terms terms,
      Optional<Partner> partner,
      long silenceMillis,
      boolean hasLost,
      Timeline timeline,
      ShardStart.Listener starting,
      Changes changes)
      throws HoldfastException {
    this.service = service;
    this.terms = terms;
    this.follower = service.follower(terms);
    this.partner = partner;
    this.silenceMillis = silenceMillis;
    this.clock = terms.clock();
    this.timeline = timeline;
    this.starting = starting;
    this.changes = changes;
    this.startNanos = clock.nanos();
    this.lookedNanos = startNanos;
    this.aliveNanos = startNanos;
    this.followedNanos = startNanos;
    this.mayTakeOverAlone = !hasLost;
  }

  void begin(Spawner spawner) {
    timeline.note("begun");
    lock.lock();
    try {
      threads.add(spawner.spawn("standby", this::follow));
      partner.ifPresent(each -> threads.add(spawner.spawn("partner", () -> ask(each))));
    } finally {
      lock.unlock();
    }
  }

  /// Takes the log over, and returns when this server is its owner.
  public void takeOver() throws HoldfastException {
    try {
      boolean _ = want().get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof HoldfastException expected) {
        throw expected;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException("interrupted", e);
    }
  }

  private CompletableFuture<Boolean> want() throws UnavailableException {
    lock.lock();
    try {
      if (isOver) {
        throw starting();
      }
      if (wanted == null) {
        wanted = new CompletableFuture<>();
      }
      return wanted;
    } finally {
      lock.unlock();
    }
  }

  private static UnavailableException starting() {
    return new UnavailableException("this server is starting or stopping: look at its status");
  }

  /// How it is.
  StatusReport.Pairing report() {
    lock.lock();
    try {
      long now = clock.nanos();
      return new StatusReport.Pairing(
          partner.map(Partner::toString),
          heard.toString(),
          Optional.of(
              new StatusReport.Following(
                  (now - followedNanos) / 1_000_000,
                  silenceMillis,
                  partner.isPresent() && silenceMillis > 0 && mayAlone(now),
                  trouble)));
    } finally {
      lock.unlock();
    }
  }

  private void ask(Partner other) {
    while (!isOver()) {
      long begun = clock.nanos();
      try {
        hear(other, other.ask(ANSWER_MILLIS), begun);
      } catch (RuntimeException | Error e) {
        // That says nothing of the partner.
        LOG.error("the partner {} cannot be asked", other, e);
      }
      pause(POLL_MILLIS);
    }
  }

  private void hear(Partner other, Partner.State state, long begunNanos) {
    lock.lock();
    try {
      if (state != heard) {
        LOG.info("the partner {} is {}", other, state);
      }
      heard = state;
      if (state == Partner.State.OWNER) {
        aliveNanos = begunNanos;
        mayTakeOverAlone = true;
      }
    } finally {
      lock.unlock();
    }
  }

  private void follow() {
    try {
      while (!isOver()) {
        look();
      }
    } catch (RuntimeException | Error e) {
      // The disk fails, there is no memory, or it is a defect.
      if (!isOver()) {
        LOG.error("this standby starts again", e);
        again("an error: " + e, mayTakeOverAlone() ? Server.Role.STANDBY : Server.Role.AFTER_LOSS);
      }
    }
  }

  private void look() {
    long begun = clock.nanos();
    Follower.Step step = Follower.Step.NOTHING;
    boolean hasFollowed = false;
    try {
      if (begun - lookedNanos > LATE_MILLIS * 1_000_000) {
        follower.doubt();
      }
      step = follower.advance();
      hasFollowed = true;
    } catch (HoldfastException e) {
      follower.doubt();
      fail(e);
    }
    lookedNanos = clock.nanos();
    if (step == Follower.Step.HOLE) {
      again(
          "the log was cleaned while this standby was away",
          mayTakeOverAlone() ? Server.Role.STANDBY : Server.Role.AFTER_LOSS);
      return;
    }
    if (hasFollowed) {
      note(begun, step);
    }
    pauseMillis = hasFollowed ? POLL_MILLIS : Math.min(2 * pauseMillis, FAILED_MILLIS_MAX);
    if (isCalledFor(hasFollowed)) {
      become();
    } else if (step == Follower.Step.NOTHING) {
      pause(pauseMillis);
    }
  }

  private void again(String why, Server.Role role) {
    end(why);
    refuse(new UnavailableException("this server starts again: " + why));
    changes.again(role);
  }

  private boolean mayTakeOverAlone() {
    lock.lock();
    try {
      return mayTakeOverAlone;
    } finally {
      lock.unlock();
    }
  }

  private void note(long begunNanos, Follower.Step step) {
    lock.lock();
    try {
      followedNanos = begunNanos;
      if (step == Follower.Step.CAME) {
        aliveNanos = clock.nanos();
      }
      if (trouble.isPresent()) {
        LOG.info("the log is followed again");
      }
      trouble = Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  private void fail(Exception why) {
    String line = String.valueOf(why.getMessage());
    lock.lock();
    try {
      if (trouble.isEmpty()) {
        LOG.warn("the log is not followed at the moment: {}", line);
      }
      trouble = Optional.of(line);
    } finally {
      lock.unlock();
    }
  }

  /// On command in any case; without one only while this server reads the bucket itself.
  private boolean isCalledFor(boolean hasFollowed) {
    lock.lock();
    try {
      if (isOver) {
        return false;
      }
      if (wanted != null) {
        return true;
      }
      long now = clock.nanos();
      boolean isSilent = now - aliveNanos >= silenceMillis * 1_000_000;
      return partner.isPresent()
          && silenceMillis > 0
          && hasFollowed
          && heard != Partner.State.OWNER
          && isSilent
          && mayAlone(now);
    } finally {
      lock.unlock();
    }
  }

  private boolean mayAlone(long nowNanos) {
    return mayTakeOverAlone || nowNanos - startNanos >= AFTER_LOSS_MILLIS * 1_000_000;
  }

  private void become() {
    timeline.note("taking the log over, " + (isWanted() ? "on command" : "the owner is silent"));
    LOG.warn("taking the log over{}", isWanted() ? " on command" : ": the owner is silent");
    Service.Sealed sealed;
    try {
      // An owner that is well is not sealed off by one that cannot take its place.
      if (!follower.isUpToDate()) {
        throw new UnavailableException("the log was cleaned while this standby was away");
      }
      sealed = service.seal(terms, starting);
    } catch (HoldfastException e) {
      LOG.error("the log cannot be taken over: {}", e.getMessage());
      timeline.note("CUT SHORT: " + e.getMessage());
      refuse(e);
      pause(POLL_MILLIS);
      return;
    }
    try {
      service.own(terms, sealed, follower);
      changes.owns();
    } catch (HoldfastException | RuntimeException | Error e) {
      LOG.error("starting again, as the owner", e);
      again("starting again, as the owner: " + e.getMessage(), Server.Role.SEALED);
      return;
    }
    end("is the owner, of epoch " + sealed.epoch());
    lock.lock();
    try {
      if (wanted != null) {
        wanted.complete(true);
        wanted = null;
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean isWanted() {
    lock.lock();
    try {
      return wanted != null;
    } finally {
      lock.unlock();
    }
  }

  /// Who has given the command is told; without one the next silence is waited for.
  private void refuse(HoldfastException why) {
    lock.lock();
    try {
      if (wanted != null) {
        wanted.completeExceptionally(why);
        wanted = null;
      }
      aliveNanos = clock.nanos();
    } finally {
      lock.unlock();
    }
  }

  private void end(String how) {
    timeline.note(how);
    lock.lock();
    try {
      isOver = true;
    } finally {
      lock.unlock();
    }
  }

  private boolean isOver() {
    lock.lock();
    try {
      return isOver;
    } finally {
      lock.unlock();
    }
  }

  private void pause(long millis) {
    try {
      clock.sleepMillis(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      lock.lock();
      try {
        isOver = true;
      } finally {
        lock.unlock();
      }
    }
  }

  /// Returns when nothing is done any more. Not for its own threads.
  @Override
  public void close() {
    List<Thread> ending;
    lock.lock();
    try {
      isOver = true;
      ending = List.copyOf(threads);
    } finally {
      lock.unlock();
    }
    ending.forEach(Thread::interrupt);
    boolean wasInterrupted = false;
    for (Thread thread : ending) {
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          wasInterrupted = true;
        }
      }
    }
    if (wasInterrupted) {
      Thread.currentThread().interrupt();
    }
    refuse(starting());
  }

  /// Hears what becomes of a standby. Once.
  interface Changes {
    /// It owns the log.
    void owns();

    /// The process has to start again, in this role.
    void again(Server.Role role);
  }
}
