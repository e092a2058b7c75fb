package org.holdfast.sim;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.holdfast.core.CorruptException;
import org.holdfast.core.RefusedException;
import org.holdfast.server.index.IndexException;

/// What went wrong at what time for whom: which process was shown which object not as it is, was
/// refused a put, or had no room on its disk.
///
/// A failure is excused by such facts alone: by what is documented to keep this very thing from
/// succeeding, that struck this very process, and this object, since the attempt began.
final class Mishaps {
  /// What is absent or damaged is asked for so often at least (`Patience`), the first time
  /// included.
  private static final int ASKED_MIN = 4;

  /// Products' messages name the object that they complain of.
  private static final Pattern OBJECT = Pattern.compile("\\(object ([^ );]+)[);]");

  /// As long are shard and epoch in a key's last part.
  private static final int EPOCH_LENGTH = 17;

  private final Loop loop;
  private final long patienceNanos;
  private final Map<String, Map<String, List<Long>>> wrong = new HashMap<>();
  private final Map<String, Long> refused = new HashMap<>();
  private final IdentityHashMap<Object, Long> fullUntil = new IdentityHashMap<>();

  /// `patienceMillis` is how long the product asks again.
  Mishaps(Loop loop, long patienceMillis) {
    this.loop = loop;
    this.patienceNanos = patienceMillis * 1_000_000;
  }

  /// A process was shown an object that it is not, or not all of, or none; by a get or a listing.
  void wrong(SimProcess process, String key) {
    wrong
        .computeIfAbsent(process.name(), _ -> new HashMap<>())
        .computeIfAbsent(key, _ -> new ArrayList<>())
        .add(loop.nowNanos());
  }

  void refused(SimProcess process) {
    refused.put(process.name(), loop.nowNanos());
  }

  /// A disk is full from now on for so long.
  void full(Object disk, long millis) {
    fullUntil.merge(disk, loop.nowNanos() + millis * 1_000_000, Math::max);
  }

  boolean wasFull(Object disk, long sinceNanos) {
    return fullUntil.getOrDefault(disk, Long.MIN_VALUE) >= sinceNanos;
  }

  /// Whether an object was shown wrong to a process between two moments.
  boolean wasWrong(SimProcess process, String key, long fromNanos, long toNanos) {
    return times(process, key).stream().anyMatch(at -> at >= fromNanos && at <= toNanos);
  }

  /// Whether an object was shown wrong to anybody at any time.
  boolean wasEverWrong(String key) {
    return wrong.values().stream().anyMatch(each -> each.containsKey(key));
  }

  /// Whether it was so as often, and over as long a time, as it takes until nobody asks again.
  boolean wasAskedInVain(SimProcess process, String key, long sinceNanos) {
    List<Long> times = times(process, key).stream().filter(at -> at >= sinceNanos).toList();
    return times.size() >= ASKED_MIN && times.getLast() - times.getFirst() >= patienceNanos;
  }

  /// Whether the seal that should be there, or come later in that epoch, was asked for in vain.
  private boolean isSealMissed(SimProcess process, String key, long sinceNanos) {
    String place = place(key);
    return wrong.getOrDefault(process.name(), Map.of()).keySet().stream()
        .filter(each -> place(each).startsWith(place.substring(0, EPOCH_LENGTH)))
        .filter(each -> place(each).compareTo(place) >= 0)
        .anyMatch(each -> wasAskedInVain(process, each, sinceNanos));
  }

  /// Shard, epoch and number, of `log/HH/SSSSSSSS-EEEEEEEE-NNNNNNNNNNNNNNNN`.
  private static String place(String key) {
    return key.substring(key.lastIndexOf('/') + 1);
  }

  private List<Long> times(SimProcess process, String key) {
    return wrong.getOrDefault(process.name(), Map.of()).getOrDefault(key, List.of());
  }

  /// Whether a start, or a rebuild, that began then may fail like that:
  ///
  /// - as damaged, where the object was wrong once: a header that is damaged is not asked for
  ///   again;
  /// - as missing, where it was asked for in vain, or the one of which it says that it may be
  ///   missing instead;
  /// - as shorter than it was, where a listing was asked for in vain;
  /// - for its disk, where that had no room, or could not be read; and refused, where the store
  ///   refused a put.
  boolean mayKeepFromStarting(
      SimProcess process, SimDisk disk, DiskUser user, Throwable why, long sinceNanos) {
    boolean hasFailed = wasFull(disk, sinceNanos) || user.wasRefused(sinceNanos);
    return switch (why) {
      case IndexException _ -> hasFailed;
      case RefusedException e when e.getMessage().contains("log ends before") ->
          wrong.getOrDefault(process.name(), Map.of()).keySet().stream()
              .anyMatch(key -> wasAskedInVain(process, key, sinceNanos));
      case RefusedException _ ->
          hasFailed || refused.getOrDefault(process.name(), Long.MIN_VALUE) >= sinceNanos;
      case CorruptException e -> {
        Matcher object = OBJECT.matcher(e.getMessage());
        if (!object.find()) {
          yield false;
        }
        String key = object.group(1);
        if (e.getMessage().contains("the seal of epoch")) {
          yield isSealMissed(process, key, sinceNanos);
        }
        if (!e.getMessage().contains("missing")) {
          yield wasWrong(process, key, sinceNanos, Long.MAX_VALUE);
        }
        // Who does not own the log names what may come next, too: which of both it is nobody knows.
        yield wasAskedInVain(process, key, sinceNanos)
            || (e.getMessage().contains("unless the log goes on")
                && object.find()
                && wasAskedInVain(process, object.group(1), sinceNanos));
      }
      default -> false;
    };
  }
}
