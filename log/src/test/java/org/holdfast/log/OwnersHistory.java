package org.holdfast.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.holdfast.bucket.Bucket;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.UnavailableException;

/// Owners that take a shard from each other, pause, wake up and lose answers, one step at a time.
/// Each comes by the next way to the bucket.
final class OwnersHistory {
  private final int seed;
  private final Random random;
  private final List<Log> logs;
  private final List<Log.Owner> owners = new ArrayList<>();
  private long nextValue = 1;
  private int depth;

  OwnersHistory(int seed, List<Bucket> ways) {
    this.seed = seed;
    this.random = new Random(seed);
    this.logs = ways.stream().map(way -> new Log(new HookedBucket(way, this::meanwhile))).toList();
  }

  void run() throws HoldfastException {
    take();
    for (int i = 0; i < 30; i++) {
      step();
    }
  }

  /// What others do between two calls of somebody who is taking over.
  private void meanwhile(String call) throws HoldfastException {
    if (depth == 1 && random.nextInt(call.equals("put") ? 3 : 60) == 0) {
      depth++;
      for (int i = random.nextInt(4); i >= 0; i--) {
        step();
      }
      depth--;
    }
  }

  private void step() throws HoldfastException {
    if (random.nextInt(15) == 0) {
      take();
      return;
    }
    if (owners.isEmpty()) {
      return;
    }
    // The older of the last two is the one that pauses and wakes up.
    int back = random.nextInt(4) == 0 ? 2 : 1;
    Log.Owner owner = owners.get(Math.max(0, owners.size() - back));
    switch (random.nextInt(4)) {
      case 0 -> owner.write(nextValue++);
      case 1 -> {
        owner.write(nextValue++);
        owner.flush();
      }
      default -> {
        List<SegmentId> waiting = owner.onTheirWay.keySet().stream().sorted().toList();
        if (!waiting.isEmpty()) {
          owner.deliver(waiting.get(random.nextInt(waiting.size())), random.nextInt(5) != 0);
        }
      }
    }
  }

  private void take() throws HoldfastException {
    if (depth >= 3) {
      return;
    }
    depth++;
    try {
      owners.add(logs.get(owners.size() % logs.size()).new Owner());
    } catch (UnavailableException e) {
      // Somebody else took over meanwhile.
    } finally {
      depth--;
    }
  }

  int fenced() {
    return (int) owners.stream().filter(owner -> owner.fenced).count();
  }

  /// Returns how many records were acknowledged.
  int check() throws HoldfastException {
    depth = 9;
    Map<Long, LogRecord> kept = new TreeMap<>();
    long expected = 1;
    for (LogEntry entry : logs.getFirst().records()) {
      assertThat(entry.number()).as("seed %d: records without gaps", seed).isEqualTo(expected++);
      kept.put(entry.number(), entry.item());
    }
    int count = 0;
    for (Log.Owner owner : owners) {
      for (LogEntry entry : owner.acknowledged) {
        assertThat(kept.get(entry.number())).as("seed %d", seed).isEqualTo(entry.item());
        count++;
      }
    }
    return count;
  }
}
