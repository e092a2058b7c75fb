package org.holdfast.sim;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.holdfast.bucket.Bucket;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.log.SegmentId;
import org.holdfast.server.image.ImageFile;
import org.holdfast.server.image.ImageList;
import org.holdfast.server.image.ImageStore;
import org.holdfast.server.shard.ShardStart;
import org.jspecify.annotations.Nullable;

/// What must hold of images of the index, and what became of them in this run.
///
/// A list that is put names pieces each of which was put before, and a position that the log has
/// reached. More cannot be asked for: pieces may be deleted since, by who owned the log before.
final class Images {
  private static final String LISTS = "i/00000000/l/";
  private static final String PIECES = "i/00000000/f/";

  private final SimStore store;
  private final Ledger ledger;
  private final Map<Integer, SegmentId> newest = new HashMap<>();
  private @Nullable Violation violation;
  private long made;
  private long taken;
  private long left;

  Images(SimStore store, Ledger ledger) {
    this.store = store;
    this.ledger = ledger;
  }

  /// The way to the images in a bucket.
  static ImageStore in(Bucket bucket) {
    return new ImageStore(bucket, SimServer.KEY, SimServer.SERVICE, 0);
  }

  /// An object is in the bucket that was never there before.
  void put(String key) {
    if (!key.startsWith(LISTS)) {
      return;
    }
    made++;
    try {
      ImageList list = in(store.direct()).list(key);
      newest.merge(
          list.segment().epoch(),
          list.segment(),
          (one, other) -> one.compareTo(other) > 0 ? one : other);
      if (!ledger.reaches(list.segment(), list.position().nextRecord())) {
        throw new Violation("an image is of what is not in the log: " + key);
      }
      for (Bytes piece : pieces(list)) {
        if (store.first(PIECES + piece) == null) {
          throw new Violation("an image is put before its piece " + piece);
        }
      }
    } catch (Violation e) {
      violation = e;
    } catch (HoldfastException e) {
      violation = new Violation("what is put as an image is none: " + key, e);
    }
  }

  private static List<Bytes> pieces(ImageList list) {
    List<Bytes> pieces = new ArrayList<>();
    for (ImageFile file : list.files()) {
      pieces.addAll(file.pieces());
    }
    return pieces;
  }

  @Nullable Violation violation() {
    return violation;
  }

  /// The segment that the newest image of an epoch is of, though it may be lost: of what its owner
  /// has made.
  Optional<SegmentId> newestOf(int epoch) {
    return Optional.ofNullable(newest.get(epoch));
  }

  /// The newest image in a bucket, if it is one and all its pieces are there: in a [SimStore] they
  /// are what was put.
  static Optional<ImageList> newestWhole(SimStore in) throws HoldfastException {
    ImageStore images = in(in.direct());
    List<String> lists = images.lists();
    if (lists.isEmpty()) {
      return Optional.empty();
    }
    try {
      ImageList newest = images.list(lists.getFirst());
      boolean isWhole = pieces(newest).stream().allMatch(each -> in.whole(PIECES + each) != null);
      return isWhole ? Optional.of(newest) : Optional.empty();
    } catch (CorruptException e) {
      return Optional.empty();
    }
  }

  long made() {
    return made;
  }

  long taken() {
    return taken;
  }

  long left() {
    return left;
  }

  /// Counts what a process's start does with them.
  ShardStart.Listener counting(SimProcess process) {
    return new Counting(process);
  }

  private final class Counting implements ShardStart.Listener {
    private final SimProcess process;

    Counting(SimProcess process) {
      this.process = process;
    }

    @Override
    public void discarded(String reason) {
      process.note("throws its index away: " + reason);
    }

    @Override
    public void imageTaken(String list, long record, long bytes) {
      process.note("takes the image " + list);
      taken++;
    }

    @Override
    public void imageLeft(String list, String why) {
      process.note("leaves the image " + list + ": " + why);
      left++;
    }
  }
}
