package org.holdfast.server.shard;

import java.nio.BufferUnderflowException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.holdfast.bucket.Bucket;
import org.holdfast.core.Bytes;
import org.holdfast.core.Clock;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.MachineId;
import org.holdfast.core.RefusedException;
import org.holdfast.core.ServiceId;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.Fence;
import org.holdfast.log.LogChain;
import org.holdfast.log.LogKey;
import org.holdfast.log.LogReader;
import org.holdfast.log.SegmentHeader;
import org.holdfast.log.SegmentId;
import org.holdfast.log.StateDigest;
import org.holdfast.server.image.ImageStore;
import org.holdfast.server.index.Index;
import org.holdfast.server.index.IndexException;
import org.holdfast.server.recovery.LoadedMachines;
import org.holdfast.server.recovery.SortedReplay;
import org.holdfast.server.recovery.Sorting;
import org.holdfast.server.state.Fingerprint;
import org.holdfast.server.state.Position;
import org.holdfast.server.state.ShardState;

/// Brings a shard's index up to the end of its log, whatever the index is like.
///
/// An index that was not closed, or not flushed, is scanned and compared with its own digest; one
/// that differs is thrown away, never mended. What is missing is replayed from headers. An index
/// that is ahead of the log means that the bucket has lost something that was acknowledged: that
/// stops the start. So does one that is not proven but still says how far it had come: it is not
/// thrown away before the log has been seen to reach that far.
public final class ShardStart {
  private final int shard;
  private final Bucket bucket;
  private final LogKey key;
  private final ServiceId service;
  private final Clock clock;
  private final Spawner spawner;
  private final long patienceMillis;
  private final LogReader reader;
  private final Index.Opening indexes;
  private final Sorting sorting;
  private final Listener listener;

  /// The furthest segment that an index which was thrown away has seen acknowledged.
  private Optional<SegmentId> known = Optional.empty();

  private EarlyReads early = EarlyReads.NONE;
  private boolean trusts;
  private boolean isSound;
  private boolean hasVoidImage;

  /// As it was listed when it was taken over.
  private Optional<LogChain> taken = Optional.empty();

  private NavigableMap<SegmentId, Long> listed = new TreeMap<>();

  /// `patienceMillis` is how long an object that must be there is asked for again.
  public ShardStart(
      int shard,
      Bucket bucket,
      LogKey key,
      ServiceId service,
      Clock clock,
      Spawner spawner,
      long patienceMillis,
      Index.Opening indexes,
      Sorting sorting,
      Listener listener) {
    this.shard = shard;
    this.bucket = bucket;
    this.key = key;
    this.service = service;
    this.clock = clock;
    this.spawner = spawner;
    this.patienceMillis = patienceMillis;
    this.reader = new LogReader(bucket, key, service, spawner, clock, patienceMillis);
    this.indexes = indexes;
    this.sorting = sorting;
    this.listener = listener;
  }

  /// Takes an index that was not closed for what it should be.
  public void trust() {
    trusts = true;
  }

  /// Lets an index that is made by sorting be read before it is whole.
  public void readEarly(EarlyReads reads) {
    early = reads;
  }

  /// Opens the folder's index and proves it, or makes one: of a long log from an image, or by
  /// sorting, before it is taken over, so that another server goes on meanwhile; an empty one else.
  public Index openIndex(StateFolder folder) throws HoldfastException {
    boolean clean = folder.takeCleanMark();
    // One that was closed is opened in no time, and would have to be proven afterwards.
    listener.mayEnd(!clean);
    try {
      if (folder.hasIndex()) {
        Optional<Index> index = tryOpen(folder, clean);
        if (index.isPresent() && isKept(index.get(), clean)) {
          return index.get();
        }
        // Before the index that knows it is gone: otherwise the next start would not know it.
        checkReaches(known);
      }
      listener.mayEnd(true);
      return make(folder);
    } finally {
      listener.mayEnd(false);
    }
  }

  /// One that is not kept is closed. One that knows nothing of the log is as none.
  private boolean isKept(Index index, boolean clean) throws HoldfastException {
    boolean isKept = false;
    try {
      isKept = isComplete(index) && (clean || trusts || isProven(index)) && seen(index).isPresent();
      isSound = isKept && (clean || !trusts);
      if (!isKept) {
        known = lastKnown(index);
      }
      return isKept;
    } finally {
      if (!isKept) {
        index.close();
      }
    }
  }

  /// An index that is to be thrown away stays until another one takes its place: it still says how
  /// far the log must reach. So do images, which are asked before there is an index that could be
  /// taken for all there is.
  private Index make(StateFolder folder) throws HoldfastException {
    boolean isLong = isLong();
    boolean isMade = isLong && fromImage(folder);
    if (!isMade) {
      checkReaches(imaged());
      isMade = isLong && sort(folder);
    }
    if (!isMade) {
      folder.delete(folder.index());
    }
    // What a start has left that was cut short.
    folder.delete(folder.scratch());
    Index index = indexes.open(folder.index());
    early.goOn(index);
    isSound = true;
    return index;
  }

  private boolean isLong() throws HoldfastException {
    return !sorting.equals(Sorting.NEVER) && reader.hasAtLeast(shard, sorting.segmentsMin());
  }

  /// The last segment that an image knows, which an owner has made of what was acknowledged.
  private Optional<SegmentId> imaged() {
    if (!key.isKnown()) {
      return Optional.empty();
    }
    try {
      return images().newest();
    } catch (HoldfastException e) {
      // They are there to save time, and stop nobody.
      listener.fromHeaders("images cannot be listed (" + e.getMessage() + ")");
      return Optional.empty();
    }
  }

  /// Who has the memory to sort has it for this. Who does not know the log's key could take
  /// anybody's image.
  private boolean fromImage(StateFolder folder) throws HoldfastException {
    if (!key.isKnown()) {
      return false;
    }
    StartFromImage start =
        new StartFromImage(shard, reader, images(), spawner, indexes, known, listener, new Told());
    boolean isMade = start.run(folder);
    hasVoidImage = start.hasVoid();
    return isMade;
  }

  private ImageStore images() {
    return new ImageStore(bucket, key, service, shard);
  }

  /// Whether the bucket has an image that this start could not use.
  public boolean hasVoidImage() {
    return hasVoidImage;
  }

  /// Whether the index was closed, proven or made, and not merely trusted: what then is not served
  /// is no better than it was. A server that has served it, and was stopped, has taken a person's
  /// word for it.
  public boolean isSound() {
    return isSound;
  }

  /// Whether that could be done. If not, the log is replayed in order, which says what is wrong, if
  /// something is.
  private boolean sort(StateFolder folder) throws HoldfastException {
    Path fresh = folder.freshIndex();
    SortedReplay replay =
        new SortedReplay(
            shard, reader, spawner, folder.scratch(), sorting.fileRecords(), new Told());
    Optional<String> obstacle = Optional.empty();
    boolean isOpen = false;
    try (Index index = indexes.open(fresh)) {
      isOpen = true;
      obstacle = sort(replay, index);
    } catch (CorruptException | IndexException e) {
      // Its disk may have room for one index, and not for two.
      obstacle = Optional.of(String.valueOf(e.getMessage()));
    } catch (UnavailableException e) {
      if (isOpen && !SortedReplay.hasScratchFailed(e)) {
        throw e;
      }
      obstacle = Optional.of(String.valueOf(e.getMessage()));
    }
    if (obstacle.isEmpty()) {
      folder.replaceIndex(fresh);
    } else {
      listener.inOrder(obstacle.get());
      folder.delete(fresh);
    }
    return obstacle.isEmpty();
  }

  /// Why it could not be done.
  private Optional<String> sort(SortedReplay replay, Index index) throws HoldfastException {
    boolean isMade = false;
    try {
      // Headers that a start which was cut short has read, are.
      switch (replay.run(index, known, true)) {
        case SortedReplay.Made.Done _ -> {
          early.pause();
          index.flush();
          isMade = true;
          return Optional.empty();
        }
        case SortedReplay.Made.Not not -> {
          return Optional.of(not.why());
        }
      }
    } finally {
      if (!isMade) {
        early.end();
      }
    }
  }

  /// Seals whatever is open and returns the epoch that this process owns. Refused if the index
  /// knows more than the bucket.
  public int fence(Index index, SecureRandom random) throws HoldfastException {
    Fence.Taken own =
        new Fence(bucket, key, service, clock, spawner, patienceMillis)
            .take(
                shard,
                seen(index).or(() -> known),
                () -> {
                  byte[] owner = new byte[16];
                  random.nextBytes(owner);
                  return Bytes.wrap(owner);
                });
    // What was there when the log was taken over, the next listing must show too.
    known = own.last();
    taken = Optional.of(own.chain());
    return own.epoch();
  }

  /// The log as it was listed when it was taken over, for who has followed it up to there.
  public LogChain taken() {
    LogChain chain = taken.orElseThrow();
    taken = Optional.empty();
    listed = chain.present();
    return chain;
  }

  /// When the segment was written that was the log's last before [#fence]; empty if there is none.
  Optional<Long> newestMillis() throws HoldfastException {
    return known.isEmpty()
        ? Optional.empty()
        : reader.header(known.get()).map(SegmentHeader::timeMillis);
  }

  /// Replays what the index does not hold yet.
  public ShardState catchUp(Index index) throws HoldfastException {
    CatchUp catchUp = new CatchUp(shard, reader, spawner, known, new Told());
    if (taken.isPresent()) {
      catchUp.knowingTheEnd();
    }
    ShardState state = catchUp.run(index, taken);
    taken = Optional.empty();
    listed = catchUp.listed();
    return state;
  }

  /// Segments that the state knows and that the listing it was caught up by lacks, or shows with
  /// another length.
  public Set<SegmentId> suspects(ShardState state) {
    Set<SegmentId> suspects = new TreeSet<>();
    state
        .durable()
        .eachSegment(
            shard,
            (id, row) -> {
              Long length = listed.get(id);
              if (length == null || length != row.headerLength() + (long) row.dataLength()) {
                suspects.add(id);
              }
            });
    return suspects;
  }

  /// Segments that were listed and that do not count any more: they came back, or were not deleted
  /// yet.
  public Set<SegmentId> retired(ShardState state) {
    Set<SegmentId> retired = new TreeSet<>(listed.keySet());
    retired.removeIf(id -> state.retired(id).isEmpty());
    return retired;
  }

  private Optional<SegmentId> seen(Index index) {
    Position position = ShardState.position(index);
    return position.epoch() == 0 ? Optional.empty() : Optional.of(position.segmentId(shard));
  }

  /// How far an index that is not what it should be had come, if that can be read.
  private Optional<SegmentId> lastKnown(Index unproven) {
    try {
      return seen(unproven);
    } catch (IndexException | BufferUnderflowException e) {
      return Optional.empty();
    }
  }

  private void checkReaches(Optional<SegmentId> segment) throws HoldfastException {
    if (segment.isPresent()) {
      var _ = LogChain.of(reader, shard, segment);
    }
  }

  private Optional<Index> tryOpen(StateFolder folder, boolean clean) throws HoldfastException {
    try {
      return Optional.of(indexes.open(folder.index()));
    } catch (RefusedException e) {
      listener.discarded(e.getMessage());
      return Optional.empty();
    } catch (UnavailableException e) {
      // Its disk is full: nobody has touched it.
      if (clean) {
        markAgain(folder, e);
      }
      throw e;
    }
  }

  private static void markAgain(StateFolder folder, UnavailableException why) {
    try {
      folder.markClean();
    } catch (HoldfastException e) {
      why.addSuppressed(e);
    }
  }

  private boolean isComplete(Index index) {
    try {
      var _ = ShardState.position(index);
      if (ShardState.isIncomplete(index)) {
        listener.discarded("it was being made when the last start ended");
        return false;
      }
      return true;
    } catch (BufferUnderflowException e) {
      listener.discarded("it is not of this version");
      return false;
    } catch (IndexException e) {
      listener.discarded(unreadable(e));
      return false;
    }
  }

  private boolean isProven(Index index) {
    Fingerprint expected;
    Fingerprint found;
    try {
      expected = ShardState.position(index).rows();
      found = ShardState.scan(index, spawner);
    } catch (IndexException | BufferUnderflowException e) {
      listener.discarded(unreadable(e));
      return false;
    }
    if (found.equals(expected)) {
      listener.proven(found.digest());
      return true;
    }
    listener.discarded("its rows' digest is " + found + " where " + expected + " should be");
    return false;
  }

  private static String unreadable(RuntimeException why) {
    return "it cannot be read (" + why.getMessage() + ")";
  }

  private final class Told implements CatchUp.Listener, SortedReplay.Listener {
    @Override
    public void fetched(long segmentsDone, long segmentsAll, long waitedNanos) {
      listener.fetched(segmentsDone, segmentsAll);
    }

    @Override
    public void applied(long segmentsDone, long segmentsAll, long recordsDone) {
      listener.replayed(segmentsDone, segmentsAll, recordsDone);
    }

    @Override
    public List<MachineId> outlined(Index index, LoadedMachines loaded) throws HoldfastException {
      return early.begin(index, loaded);
    }

    @Override
    public void loaded(int filesDone, int filesAll) {
      listener.loaded(filesDone, filesAll);
    }

    @Override
    public void meetsHoles() {
      early.pause();
    }

    @Override
    public void replayed(ShardState state) {}

    @Override
    public void discarded(String reason) {
      listener.discarded(reason);
    }

    @Override
    public void emptying() {
      early.end();
    }

    @Override
    public void replaying(int segments) {
      listener.replaying(segments);
    }

    @Override
    public void replayed(long segmentsDone, long segmentsAll, ShardState state) {
      listener.replayed(segmentsDone, segmentsAll, state.position().nextRecord() - 1);
    }
  }

  /// Hears what a start does, on its thread.
  public interface Listener {
    /// Told to nobody.
    Listener NONE = new Listener() {};

    /// From here on the process may end at any moment, and the next start goes on from there; or it
    /// may not any more.
    default void mayEnd(boolean may) {}

    /// The index was not closed, and is what it was.
    default void proven(StateDigest digest) {}

    /// The index is thrown away, and why.
    default void discarded(String reason) {}

    /// So much of an image has come.
    default void imageFetched(long bytesDone, long bytesAll) {}

    /// The index is an image's, up to this record; what follows is replayed.
    default void imageTaken(String list, long record, long bytes) {}

    /// An image cannot be used, and why.
    default void imageLeft(String list, String why) {}

    /// The index is made without an image, and why.
    default void fromHeaders(String why) {}

    /// The headers of so many segments were read, from which an index is made by sorting.
    default void fetched(long segmentsDone, long segmentsAll) {}

    /// So many files of rows that were sorted are in the index.
    default void loaded(int filesDone, int filesAll) {}

    /// That cannot be, and why.
    default void inOrder(String why) {}

    /// So many segments are not in the index.
    default void replaying(int segments) {}

    default void replayed(long segmentsDone, long segmentsAll, long recordsDone) {}
  }
}
