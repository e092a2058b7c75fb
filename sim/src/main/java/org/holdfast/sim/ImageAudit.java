package org.holdfast.sim;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.holdfast.core.Bytes;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.log.LogChain;
import org.holdfast.log.SegmentId;
import org.holdfast.server.Service;
import org.holdfast.server.image.ImageList;
import org.holdfast.server.index.Index;
import org.holdfast.server.shard.ShardStart;
import org.jspecify.annotations.Nullable;

/// Looks at what a server comes to that has lost its disk, in a bucket with images which nobody
/// changes meanwhile.
///
/// - The newest image is taken if all of it is there, the log is long enough, and nothing behind it
///   was cleaned: segments were retired there neither with their objects nor without.
/// - Whatever is taken, the index has the rows of a replay of all headers in their order.
/// - If the log ends before the newest image does, nothing starts.
final class ImageAudit {
  private final Setting setting;
  private final SimProcess process;
  private final SimStore store;
  private final Ledger ledger;

  /// `ledger` is of a log that may have gone on since.
  ImageAudit(Setting setting, SimProcess process, SimStore store, Ledger ledger) {
    this.ledger = ledger;
    this.setting = setting;
    this.process = process;
    this.store = store;
  }

  /// `inOrder` is the index that a replay of all headers makes.
  void look(Index inOrder) throws HoldfastException, Violation {
    Optional<ImageList> newest = Images.newestWhole(store);
    Start start = new Start(store);
    start.run();
    checkRows(rows(start.index()), rows(inOrder));
    if (newest.isPresent()) {
      checkTaken(newest.get(), start);
      checkAhead(newest.get());
    }
  }

  private static void checkRows(Map<Bytes, Bytes> found, Map<Bytes, Bytes> expected)
      throws Violation {
    Set<Bytes> keys = new TreeSet<>(found.keySet());
    keys.addAll(expected.keySet());
    for (Bytes key : keys) {
      if (!Objects.equals(found.get(key), expected.get(key))) {
        throw new Violation(
            "a start from images has a row that one from headers has not: %s is %s, not %s"
                .formatted(key, found.get(key), expected.get(key)));
      }
    }
  }

  private void checkTaken(ImageList newest, Start start) throws HoldfastException, Violation {
    Optional<SegmentId> end = Optional.of(newest.segment());
    Service.Terms terms = start.terms;
    LogChain chain = LogChain.of(terms.reader(), 0, end);
    boolean isLong = chain.present().size() >= setting.sorting().segmentsMin();
    LogChain.Counted tail = chain.counted(0, end, terms.spawner());
    boolean isClean = tail.absent().isEmpty() && !hasRetired(tail.segments());
    if (isLong && isClean && !start.isTaken) {
      throw new Violation("an image is whole, and is left: " + start.why);
    }
  }

  /// One that came back, or is not deleted yet, ends a replay that goes on from an image.
  private boolean hasRetired(List<SegmentId> segments) throws Violation {
    for (SegmentId id : segments) {
      if (ledger.isRetired(id)) {
        return true;
      }
    }
    return false;
  }

  /// Its owner has made it of what was acknowledged.
  private void checkAhead(ImageList newest) throws HoldfastException, Violation {
    SimStore older = store.copy();
    SplittableRandom ends = new SplittableRandom(newest.position().nextRecord());
    TreeMap<SegmentId, String> log = new TreeMap<>();
    for (var object : store.list("log/", "", Integer.MAX_VALUE).objects()) {
      SegmentId.ofKey(object.key()).ifPresent(id -> log.put(id, object.key()));
    }
    int known = log.headMap(newest.segment()).size();
    int kept = known - (known == 0 ? 0 : ends.nextInt(known));
    if (kept < setting.sorting().segmentsMin()) {
      return;
    }
    log.values().stream().skip(kept).forEach(older::delete);
    try {
      new Start(older).run();
    } catch (RefusedException e) {
      if (LogChain.isLostEnd(e)) {
        return;
      }
      throw e;
    }
    throw new Violation("a server starts though the log ends before an image");
  }

  private static Map<Bytes, Bytes> rows(Index index) {
    Map<Bytes, Bytes> rows = new HashMap<>();
    index.scan(new byte[0], (key, value) -> rows.put(Bytes.wrap(key), Bytes.wrap(value)));
    return rows;
  }

  /// One with an empty disk.
  private final class Start implements ShardStart.Listener {
    private final DiskUser user = DiskUser.lucky();
    private final SimDisk disk = new SimDisk();
    private final Service.Terms terms;
    private @Nullable Index opened;
    private boolean isTaken;
    private String why = "nothing was said";

    Start(SimStore from) {
      terms = SimServer.terms(process, setting, from.direct(), this::open);
    }

    private Index open(Path folder) throws RefusedException {
      Index index = disk.open(folder, user);
      opened = index;
      return index;
    }

    void run() throws HoldfastException {
      Service _ = Service.readOnly(terms, disk.folder(user), this);
    }

    Index index() {
      return Objects.requireNonNull(opened);
    }

    @Override
    public void imageTaken(String list, long record, long bytes) {
      process.note("takes the image " + list);
      isTaken = true;
    }

    @Override
    public void imageLeft(String list, String reason) {
      process.note("leaves the image " + list + ": " + reason);
      isTaken = false;
      why = reason;
    }
  }
}
