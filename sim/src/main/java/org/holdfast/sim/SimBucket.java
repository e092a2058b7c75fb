package org.holdfast.sim;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.ListedObject;
import org.holdfast.bucket.Listing;
import org.holdfast.bucket.PutResult;
import org.holdfast.bucket.Range;
import org.holdfast.core.Clock;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;
import org.holdfast.core.UnavailableException.Trouble;

/// A process's way to the bucket: slow, forgetful, now and then late, and at times wrong.
///
/// What is put or deleted keeps the contract of [Bucket] and no more: what failed may have taken
/// effect, or take effect later, also after the process is dead. What is read may be worse than the
/// contract allows: absent, short, or other bytes, or those of an object that is deleted. And a put
/// that was on its way for long may come when the object was deleted, and then succeeds again.
final class SimBucket implements Bucket {
  private static final long LATE_MILLIS_MAX = 600_000;

  /// How long an object is shown at most that was deleted.
  private static final long LINGER_MILLIS_MAX = 60_000;

  /// How long one request may take before its sender gives it up.
  private static final long ATTEMPT_MILLIS = 30_000;

  private final SimStore store;
  private final Weather weather;
  private final Mishaps mishaps;
  private final Loop loop;
  private final SimProcess process;
  private final SplittableRandom random;
  private final Faults faults;

  SimBucket(
      SimStore store,
      Weather weather,
      Mishaps mishaps,
      Loop loop,
      SimProcess process,
      SplittableRandom random,
      Faults faults) {
    this.store = store;
    this.weather = weather;
    this.mishaps = mishaps;
    this.loop = loop;
    this.process = process;
    this.random = random;
    this.faults = faults;
  }

  @Override
  public Optional<Range> get(String key, long offset, int length) throws UnavailableException {
    begin("get " + key);
    if (faults.strike(Rates::absent)) {
      process.note("is told that there is no " + key);
      if (store.whole(key) != null) {
        mishaps.wrong(process, key);
      }
      return Optional.empty();
    }
    Optional<Range> right = store.get(key, offset, length);
    Optional<Range> found = shown(key, offset, length);
    travel();
    if (found.isPresent() && found.get().bytes().length > 0 && faults.strike(Rates::damaged)) {
      found = Optional.of(damage(key, offset, found.get()));
    }
    if (!isSame(found, right)) {
      mishaps.wrong(process, key);
    }
    return found;
  }

  private static boolean isSame(Optional<Range> found, Optional<Range> right) {
    return found.isPresent() == right.isPresent()
        && (found.isEmpty()
            || (found.get().objectLength() == right.get().objectLength()
                && Arrays.equals(found.get().bytes(), right.get().bytes())));
  }

  private Optional<Range> shown(String key, long offset, int length) {
    byte[] stored = store.shown(key);
    Weather.Spell spell = weather.on(key);
    if (stored == null) {
      return Optional.empty();
    }
    byte[] object = decayed(stored, weather.decayed(key));
    return switch (spell) {
      case null -> Optional.of(SimStore.range(object, offset, length));
      case ABSENT, HIDDEN -> Optional.empty();
      case ROTTEN -> {
        byte[] other = other(object, Math.floorMod(key.hashCode(), object.length));
        yield Optional.of(SimStore.range(other, offset, length));
      }
      case CUT ->
          Optional.of(SimStore.range(Arrays.copyOf(object, cutLength(object)), offset, length));
    };
  }

  private static byte[] decayed(byte[] object, Set<Integer> places) {
    if (places.isEmpty()) {
      return object;
    }
    byte[] other = object.clone();
    places.stream().filter(at -> at < other.length).forEach(at -> other[at] ^= 1);
    return other;
  }

  private static byte[] other(byte[] object, int at) {
    byte[] other = object.clone();
    other[at] ^= 1;
    return other;
  }

  private static int cutLength(byte[] object) {
    return object.length * 2 / 3;
  }

  /// Bytes that are not those that were asked for.
  private Range damage(String key, long offset, Range intact) {
    process.note("is given other bytes than those of " + key);
    byte[] bytes = intact.bytes().clone();
    int at = random.nextInt(bytes.length);
    return switch (random.nextInt(5)) {
      case 0 -> new Range(Arrays.copyOf(bytes, at), intact.objectLength());
      case 1 -> {
        // Another range of the same object, which may be deleted by now.
        long other = random.nextLong(intact.objectLength());
        yield store.get(key, other, bytes.length).orElse(new Range(bytes, intact.objectLength()));
      }
      case 2 -> {
        // The same range of another object.
        String other = store.someKey(random.nextInt(Integer.MAX_VALUE)).orElse(key);
        yield store
            .get(other, offset, bytes.length)
            .orElse(new Range(bytes, intact.objectLength()));
      }
      case 3 -> {
        // A range in the middle is that of some other time.
        Arrays.fill(bytes, at, Math.min(bytes.length, at + 512), (byte) 0);
        yield new Range(bytes, intact.objectLength());
      }
      default -> {
        bytes[at] ^= (byte) (1 << random.nextInt(8));
        yield new Range(bytes, intact.objectLength());
      }
    };
  }

  @Override
  public PutResult putIfAbsent(String key, List<ByteBuffer> body)
      throws RefusedException, UnavailableException {
    begin("put " + key);
    if (weather.is(Weather.Outage.REFUSING)) {
      process.note("is refused to put " + key);
      mishaps.refused(process);
      throw new RefusedException("the store says 403: it takes nothing");
    }
    if (faults.strike(Rates::conflict)) {
      process.note("meets a conflict when it puts " + key);
      throw failure("the store says 409: put " + key, Trouble.FAILED);
    }
    byte[] copy = SimStore.copy(body);
    if (faults.strike(Rates::late)) {
      long delayMillis = random.nextLong(LATE_MILLIS_MAX);
      process.note("puts " + key + " with " + delayMillis + " ms delay");
      loop.at(loop.nowNanos() + delayMillis * 1_000_000, () -> store.put(key, copy));
      throw lost("put " + key);
    }
    PutResult result = store.put(key, copy);
    if (result == PutResult.CREATED) {
      weather.renew(key);
    }
    if (faults.strike(Rates::twice)) {
      result = store.put(key, copy);
    }
    if (faults.strike(Rates::lostAfter)) {
      throw lost("put " + key);
    }
    travel();
    return result;
  }

  @Override
  public void delete(String key) throws UnavailableException {
    begin("delete " + key);
    if (faults.strike(Rates::deleteFailed)) {
      throw lost("delete " + key);
    }
    if (faults.strike(Rates::deleteLate)) {
      long delayMillis = random.nextLong(LATE_MILLIS_MAX);
      process.note("deletes " + key + " with " + delayMillis + " ms delay");
      loop.at(loop.nowNanos() + delayMillis * 1_000_000, () -> store.delete(key));
      throw lost("delete " + key);
    }
    deleteNow(key);
    if (faults.strike(Rates::deleteUnheard)) {
      throw lost("delete " + key);
    }
    travel();
  }

  /// What was there may be shown for a while, or come back.
  private void deleteNow(String key) {
    byte[] deleted = store.delete(key);
    if (deleted == null) {
      return;
    }
    if (faults.strike(Rates::lingers)) {
      store.linger(key, deleted, random.nextLong(LINGER_MILLIS_MAX));
    }
    if (faults.strike(Rates::zombie)) {
      long delayMillis = random.nextLong(LATE_MILLIS_MAX);
      process.note("a put of " + key + " comes in " + delayMillis + " ms");
      loop.at(loop.nowNanos() + delayMillis * 1_000_000, () -> store.put(key, deleted));
    }
  }

  @Override
  public Listing list(String prefix, String startAfter, int limit) throws UnavailableException {
    begin("list " + prefix);
    Listing page = store.listShown(prefix, startAfter, limit);
    List<ListedObject> shown = new ArrayList<>(page.objects().size());
    for (ListedObject object : page.objects()) {
      Weather.Spell spell = weather.on(object.key());
      boolean isDeleted = store.whole(object.key()) == null;
      if (isDeleted || spell == Weather.Spell.CUT || spell == Weather.Spell.HIDDEN) {
        mishaps.wrong(process, object.key());
      }
      if (spell == Weather.Spell.CUT) {
        shown.add(new ListedObject(object.key(), object.length() * 2 / 3));
      } else if (spell != Weather.Spell.HIDDEN) {
        shown.add(object);
      }
    }
    travel();
    return new Listing(shown, page.more());
  }

  /// The way there, and what may end it.
  private void begin(String what) throws UnavailableException {
    travel();
    if (weather.is(Weather.Outage.AWAY) || faults.strike(Rates::lostBefore)) {
      throw lost(what);
    }
    if (faults.strike(Rates::throttled)
        || (weather.is(Weather.Outage.THROTTLING) && random.nextInt(4) > 0)) {
      process.note("is told to slow down: " + what);
      throw failure("the store says 503: " + what, Trouble.THROTTLED);
    }
  }

  private void travel() throws UnavailableException {
    boolean isSlow = faults.strike(Rates::slow);
    rest(process.clock(), isSlow ? random.nextLong(20_000) : 1 + random.nextLong(100));
  }

  static void rest(Clock clock, long millis) throws UnavailableException {
    try {
      clock.sleepMillis(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException("interrupted", e);
    }
  }

  /// No answer: the connection breaks, the store fails, or time passes until nobody waits any more.
  private UnavailableException lost(String what) throws UnavailableException {
    process.note("fails to " + what);
    return switch (random.nextInt(4)) {
      case 0 -> {
        rest(process.clock(), ATTEMPT_MILLIS);
        yield failure("it took too long: " + what, Trouble.TIMED_OUT);
      }
      case 1 -> failure("the store says 500: " + what, Trouble.FAILED);
      default -> failure("the store does not answer: " + what, Trouble.DISCONNECTED);
    };
  }

  private static UnavailableException failure(String message, Trouble trouble) {
    return new UnavailableException(message, trouble, new IOException("simulated"));
  }
}
