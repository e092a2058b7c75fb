package org.holdfast.server;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Invariant;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.SegmentId;
import org.holdfast.server.image.ImageAge;
import org.holdfast.server.image.ImageFile;
import org.holdfast.server.image.ImageFolder;
import org.holdfast.server.image.ImageList;
import org.holdfast.server.image.ImageRule;
import org.holdfast.server.image.ImageStore;
import org.holdfast.server.index.Index;
import org.holdfast.server.index.IndexException;
import org.holdfast.server.journal.Timeline;
import org.holdfast.server.shard.BackgroundJob;
import org.holdfast.server.shard.BackgroundMemory;
import org.holdfast.server.shard.BackgroundTimer;
import org.holdfast.server.shard.Pacer;
import org.holdfast.server.shard.ShardService;
import org.holdfast.server.shard.StateFolder;
import org.holdfast.server.state.Position;
import org.holdfast.server.state.ShardState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes images of a running shard's index, behind clients (`docs/images.md`, "Making one").
///
/// - The index's files are linked aside; what of them the bucket lacks is sent, piece by piece, and
///   then the list that names them: an image is whole, or nothing refers to it.
/// - A round that fails leaves pieces in the bucket, which the next one finds there.
/// - Only who owns the log deletes, and only when its own image is whole.
///
/// Any thread; rounds run one after the other.
public final class ImageMaker implements BackgroundTimer.Rounds {
  private static final Logger LOG = LoggerFactory.getLogger(ImageMaker.class);

  /// How long after a start, and how often it is looked then.
  private static final long PAUSE_MILLIS = 60_000;

  /// After a round that has failed: what stood in its way may take a while.
  private static final long AGAIN_MILLIS = 600_000;

  /// What a round holds in memory whatever the index is like, in bytes: a piece, and lists.
  private static final long FIXED_BYTES = ImageFile.PIECE_LENGTH + (2L << 20);

  /// What it holds for each piece, in bytes: its name, in this image, in the one before, and in
  /// what the bucket shows.
  private static final long PIECE_BYTES = 1000;

  private final Service.Terms terms;
  private final ShardService shard;
  private final Index index;
  private final StateFolder folder;
  private final ImageStore store;
  private final ImageRule rule;
  private final Timeline timeline;
  private final ReentrantLock lock = new ReentrantLock();

  /// Of the files of the last image that never change: what need not be read again.
  private Map<ImageFolder.Local, ImageFile> sent = Map.of();

  /// Whether what the bucket shows is read before it is relied on.
  private boolean isDoubted;

  private volatile long waitMillis = PAUSE_MILLIS;
  private volatile boolean stopped;

  /// The newest image that is of this log; not known before the first look. Changed under the lock.
  private volatile Optional<Optional<ImageList>> newest = Optional.empty();

  /// Of an index in this folder. Where images are doubted, as one that was there could not be used,
  /// another is made at once.
  ImageMaker(
      Service.Terms terms,
      ShardService shard,
      Index index,
      StateFolder folder,
      ImageRule rule,
      Timeline timeline,
      boolean areDoubted) {
    this.terms = terms;
    this.shard = shard;
    this.index = index;
    this.folder = folder;
    this.store = new ImageStore(terms.bucket(), terms.key(), terms.service(), Service.SHARD);
    this.rule = rule;
    this.timeline = timeline;
    this.isDoubted = areDoubted;
  }

  @Override
  public boolean isDue(long sinceMillis) {
    try {
      return sinceMillis >= waitMillis && isDue();
    } catch (HoldfastException e) {
      LOG.debug("{}", e.getMessage());
      return false;
    }
  }

  /// Whether the log is long enough, and has grown enough.
  public boolean isDue() throws HoldfastException {
    Position now = shard.durable(rows -> rows.position());
    int least = terms.sorting().segmentsMin();
    return rule.isDue(newest().map(ImageMaker::made), now.nextRecord(), terms.clock().wallMillis())
        && shard.durable(
            rows -> rows.segments(Service.SHARD, Optional.empty(), least).size() >= least);
  }

  @Override
  public long pauseMillis() {
    return PAUSE_MILLIS;
  }

  @Override
  public void stop() {
    stopped = true;
  }

  /// The segment behind which nothing is to be cleaned, so that the newest image can be used; empty
  /// if all may be.
  Optional<SegmentId> held() throws HoldfastException {
    if (shard.pacer().holds(BackgroundJob.IMAGE).isPresent()) {
      return Optional.empty();
    }
    long now = terms.clock().wallMillis();
    return newest().filter(each -> rule.holds(made(each), now)).map(ImageList::segment);
  }

  /// Looks into the bucket once. An image that is ahead of the log is of another one.
  private Optional<ImageList> newest() throws HoldfastException {
    lock.lock();
    try {
      if (newest.isEmpty()) {
        newest = Optional.of(isDoubted ? Optional.empty() : find());
      }
      return newest.get();
    } finally {
      lock.unlock();
    }
  }

  /// Of the newest image; empty if there is none, or nobody has looked. Does not wait.
  Optional<ImageAge> age() {
    return newest.flatMap(each -> each).map(this::age);
  }

  private ImageAge age(ImageList image) {
    return new ImageAge(
        Math.max(0, terms.clock().wallMillis() - image.madeMillis()),
        image.bytes(),
        image.position().nextRecord() - 1);
  }

  private void keep(ImageList image) {
    lock.lock();
    try {
      newest = Optional.of(Optional.of(image));
    } finally {
      lock.unlock();
    }
  }

  private Optional<ImageList> find() throws HoldfastException {
    Optional<SegmentId> end = shard.durable(rows -> rows.position()).lastSegment(Service.SHARD);
    if (end.isEmpty()) {
      return Optional.empty();
    }
    try {
      for (String key : store.lists()) {
        try {
          ImageList found = store.list(key);
          if (found.segment().compareTo(end.get()) <= 0) {
            return Optional.of(found);
          }
        } catch (CorruptException e) {
          LOG.warn("the image {} cannot be used: {}", key, e.getMessage());
        }
      }
    } catch (RefusedException e) {
      LOG.warn("images cannot be read: {}", e.getMessage());
    }
    return Optional.empty();
  }

  private static ImageRule.Made made(ImageList image) {
    return new ImageRule.Made(image.position().nextRecord(), image.madeMillis());
  }

  @Override
  public boolean round() throws HoldfastException {
    waitMillis = AGAIN_MILLIS;
    try {
      make();
      shard.memory().checkReturned(BackgroundJob.IMAGE);
    } catch (HoldfastException e) {
      shard.pacer().failed(BackgroundJob.IMAGE, e);
      throw e;
    } catch (IndexException e) {
      // Its disk is full, or it is closed: what the owner cannot write either, it meets itself.
      shard.pacer().failed(BackgroundJob.IMAGE, e);
      throw new UnavailableException("no image can be made: " + e.getMessage(), e);
    }
    waitMillis = PAUSE_MILLIS;
    shard.pacer().ended(BackgroundJob.IMAGE);
    return false;
  }

  /// Gives the place back that a round has left which was killed.
  public void clear() {
    try {
      dropLinks();
    } catch (RefusedException e) {
      // The next round says so, too.
      LOG.warn("{}", e.getMessage());
    }
  }

  private void dropLinks() throws RefusedException {
    folder.delete(folder.image());
  }

  private void make() throws HoldfastException {
    Path links = folder.image();
    dropLinks();
    try {
      checkOwner();
      if (!turn(() -> index.linkTo(links))) {
        throw new RefusedException("there is no image of an index in memory");
      }
      List<ImageFolder.Local> files = new ImageFolder(links).files();
      try (var _ = shard.memory().lease(BackgroundJob.IMAGE, memoryBytes(files), () -> stopped)) {
        Image image = new Image(position(links), new ImageFolder(links));
        keep(image.send(files));
        sent = image.kept;
        isDoubted = false;
        prune();
        timeline.note(image.line());
        LOG.info("an image of the index is in the bucket: {}", image.line());
      }
    } finally {
      dropLinks();
    }
  }

  private Position position(Path links) throws HoldfastException {
    try (Index linked = index.openLinked(links)) {
      Invariant.check(!ShardState.isIncomplete(linked), "an index that is served is complete");
      return ShardState.position(linked);
    }
  }

  /// Throws if the index has more files, or longer ones, than an image may have.
  static long memoryBytes(List<ImageFolder.Local> files) throws RefusedException {
    long pieces = files.size();
    for (ImageFolder.Local file : files) {
      pieces += file.length() / ImageFile.PIECE_LENGTH;
    }
    long bytes = FIXED_BYTES + PIECE_BYTES * pieces;
    if (pieces > ImageList.PIECES_MAX || bytes > BackgroundMemory.JOB_BYTES) {
      throw new RefusedException(
          "the index is too long for an image (" + pieces + " pieces): set `image-days = 0`");
    }
    return bytes;
  }

  /// Whoever was replaced must not take for its own what another owner makes.
  private void checkOwner() throws UnavailableException {
    if (stopped || !shard.goesOn()) {
      throw new UnavailableException("the log is not written here any more");
    }
  }

  private <T> T turn(Pacer.Piece<T> piece) throws HoldfastException {
    if (stopped) {
      throw new UnavailableException("the server is stopping");
    }
    return shard.pacer().run(BackgroundJob.IMAGE, piece);
  }

  /// Deletes all lists but this image's and the one before, and all pieces that these two do not
  /// name.
  private void prune() throws HoldfastException {
    checkOwner();
    ImageList last = newest().orElseThrow();
    Set<Bytes> named = names(last);
    boolean hasOlder = false;
    for (String key : store.lists()) {
      if (key.equals(store.key(last.segment()))) {
        continue;
      }
      Optional<ImageList> older = hasOlder ? Optional.empty() : turn(() -> before(key, last));
      if (older.isPresent()) {
        named.addAll(names(older.get()));
        hasOlder = true;
      } else {
        turn(() -> {
          store.delete(key);
          return key;
        });
      }
    }
    store.keepOnly(named, () -> turn(() -> true));
  }

  private Optional<ImageList> before(String key, ImageList last) throws HoldfastException {
    try {
      return Optional.of(store.list(key))
          .filter(each -> each.segment().compareTo(last.segment()) < 0);
    } catch (CorruptException e) {
      return Optional.empty();
    }
  }

  private static Set<Bytes> names(ImageList image) {
    Set<Bytes> names = new HashSet<>();
    image.files().forEach(file -> names.addAll(file.pieces()));
    return names;
  }

  /// An image that is being made.
  private final class Image {
    private final Position position;
    private final ImageFolder links;
    private final Set<Bytes> there = new HashSet<>();
    private final Map<ImageFolder.Local, ImageFile> kept = new HashMap<>();
    private long bytes;
    private long sentPieces;
    private long sentBytes;

    Image(Position position, ImageFolder links) {
      this.position = position;
      this.links = links;
    }

    ImageList send(List<ImageFolder.Local> locals) throws HoldfastException {
      look(locals);
      List<ImageFile> files = new ArrayList<>();
      for (ImageFolder.Local local : locals) {
        ImageFile file = send(local);
        files.add(file);
        bytes += file.length();
        if (local.name().endsWith(".sst")) {
          kept.put(local, file);
        }
      }
      ImageList list =
          new ImageList(
              terms.service(), Service.SHARD, position, terms.clock().wallMillis(), files);
      checkThere(names(list));
      checkOwner();
      return turn(() -> put(list));
    }

    /// What the bucket has: so many names at most, as strangers may have put any number there. What
    /// is not among them is put, which finds it.
    private void look(List<ImageFolder.Local> locals) throws HoldfastException {
      long most = 1000;
      for (ImageFolder.Local local : locals) {
        most += 2 + 2 * local.length() / ImageFile.PIECE_LENGTH;
      }
      long names = most;
      turn(() -> {
        store.eachPiece((_, name, _) -> {
          if (name.isPresent() && there.size() < names) {
            there.add(name.get());
          }
        });
        return there;
      });
    }

    /// An owner that was replaced, or has replaced this one, may have deleted some.
    private void checkThere(Set<Bytes> names) throws HoldfastException {
      turn(() -> {
        store.eachPiece((_, name, _) -> name.ifPresent(names::remove));
        return names;
      });
      if (!names.isEmpty()) {
        throw new UnavailableException("pieces of the image have gone: another server deletes");
      }
    }

    private ImageFile send(ImageFolder.Local local) throws HoldfastException {
      ImageFile before = sent.get(local);
      if (before != null && !isDoubted && there.containsAll(before.pieces())) {
        return before;
      }
      List<Bytes> pieces = new ArrayList<>();
      long done = 0;
      while (done < local.length()) {
        long from = done;
        int length = (int) Math.min(ImageFile.PIECE_LENGTH, local.length() - from);
        pieces.add(turn(() -> send(links.read(local.name(), from, length))));
        done += length;
      }
      return new ImageFile(local.name(), local.length(), pieces);
    }

    private Bytes send(ByteBuffer piece) throws HoldfastException {
      Bytes name = store.name(piece);
      if (there.contains(name) && isDoubted && !store.isWhole(name, piece.remaining())) {
        store.drop(name);
        there.remove(name);
      }
      if (!there.contains(name)) {
        store.put(name, piece);
        sentPieces++;
        sentBytes += piece.remaining();
      }
      return name;
    }

    /// One of this position may be there: an earlier round's whose answer was lost, or what cannot
    /// be used.
    private ImageList put(ImageList list) throws HoldfastException {
      if (store.put(list)) {
        return list;
      }
      String key = store.key(list.segment());
      try {
        if (!isDoubted) {
          return store.list(key);
        }
      } catch (CorruptException e) {
        LOG.warn("the image {} cannot be used: {}", key, e.getMessage());
      }
      store.delete(key);
      if (!store.put(list)) {
        throw new UnavailableException("another server makes images of this log");
      }
      return list;
    }

    String line() {
      return "%d MiB, up to record %d; %d MiB in %d pieces were sent"
          .formatted(bytes >> 20, position.nextRecord() - 1, sentBytes >> 20, sentPieces);
    }
  }
}
