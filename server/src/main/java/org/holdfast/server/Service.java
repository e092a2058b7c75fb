package org.holdfast.server;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.holdfast.bucket.Bucket;
import org.holdfast.core.Bytes;
import org.holdfast.core.Clock;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.ServiceId;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.LogKey;
import org.holdfast.log.LogReader;
import org.holdfast.log.LogWriter;
import org.holdfast.log.SegmentId;
import org.holdfast.server.drill.DrillWatch;
import org.holdfast.server.image.ImageRule;
import org.holdfast.server.index.Index;
import org.holdfast.server.index.IndexException;
import org.holdfast.server.journal.Timeline;
import org.holdfast.server.recovery.Sorting;
import org.holdfast.server.shard.AfterCrash;
import org.holdfast.server.shard.BackgroundJob;
import org.holdfast.server.shard.BackgroundTimer;
import org.holdfast.server.shard.Damages;
import org.holdfast.server.shard.DiskWatch;
import org.holdfast.server.shard.Follower;
import org.holdfast.server.shard.Scrub;
import org.holdfast.server.shard.ShardService;
import org.holdfast.server.shard.ShardStart;
import org.holdfast.server.shard.StateFolder;
import org.holdfast.server.state.ShardState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A service's one shard, from its start to its end: the same for a server process and for a client
/// that runs the service inside itself.
public final class Service implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Service.class);

  /// So far there is one.
  public static final int SHARD = 0;

  private static final String HELD =
      "backups are stopped, restores go on: the last server here did not come to its end and"
          + " `after-crash = hold`, so a person is to look first: then stop this one, and start it"
          + " with `serve --after-crash verify`";

  private final Index index;
  private final ShardService shard;
  private final Damages damages;
  private final Optional<StateFolder> folder;
  private final List<BackgroundTimer> timers = new CopyOnWriteArrayList<>();
  private final Optional<String> held;
  private final Optional<ShardStart> start;
  private final Optional<EarlyRestores> early;

  private Service(
      Index index,
      ShardService shard,
      Damages damages,
      Optional<StateFolder> folder,
      Optional<String> held,
      Optional<ShardStart> start,
      Optional<EarlyRestores> early) {
    this.start = start;
    this.early = early;
    this.index = index;
    this.shard = shard;
    this.damages = damages;
    this.folder = folder;
    this.held = held;
    held.ifPresent(shard::hold);
  }

  /// Takes the log over and serves everything. The index is in `path`.
  public static Service own(
      Terms terms, Path path, ShardStart.Listener starting, ShardService.Listener listener)
      throws HoldfastException {
    return own(terms, path, false, starting, listener, Meanwhile.NOTHING);
  }

  private static Service own(
      Terms terms,
      Path path,
      boolean trusts,
      ShardStart.Listener starting,
      ShardService.Listener listener,
      Meanwhile meanwhile)
      throws HoldfastException {
    ShardStart start = terms.start(starting);
    if (trusts) {
      start.trust();
    }
    return in(
        path,
        terms,
        start,
        Optional.empty(),
        meanwhile,
        (index, damages) -> {
          if (!meanwhile.mayOwn()) {
            return following(index, terms, start, damages, listener);
          }
          int epoch = start.fence(index, terms.random);
          ShardState state = start.catchUp(index);
          ShardService shard = terms.shard(state, damages, listener);
          own(shard, terms, start, epoch);
          return shard;
        });
  }

  private static ShardService following(
      Index index, Terms terms, ShardStart start, Damages damages, ShardService.Listener listener)
      throws HoldfastException {
    ShardService shard = terms.shard(start.catchUp(index), damages, listener);
    shard.readOnly(terms.reader());
    return shard;
  }

  /// Takes nothing over yet and serves restores: another process owns the log. [#follower] brings
  /// it on meanwhile, until [#seal] and [#own].
  public static Service standby(
      Terms terms,
      Path path,
      AfterCrash policy,
      ShardStart.Listener starting,
      ShardService.Listener listener)
      throws HoldfastException {
    return standby(terms, path, policy, starting, listener, Meanwhile.NOTHING);
  }

  /// As above, served meanwhile.
  public static Service standby(
      Terms terms,
      Path path,
      AfterCrash policy,
      ShardStart.Listener starting,
      ShardService.Listener listener,
      Meanwhile meanwhile)
      throws HoldfastException {
    if (isHeld(path, policy)) {
      return readOnly(terms, path, Optional.of(HELD), starting, meanwhile);
    }
    ShardStart start = terms.start(starting);
    if (policy == AfterCrash.SERVE) {
      start.trust();
    }
    return in(
        path,
        terms,
        start,
        Optional.empty(),
        meanwhile,
        (index, damages) -> following(index, terms, start, damages, listener));
  }

  /// As [#own], with a policy for an index that was not closed. Where a person is to look first,
  /// takes nothing over and serves restores only.
  public static Service start(
      Terms terms,
      Path path,
      AfterCrash policy,
      ShardStart.Listener starting,
      ShardService.Listener listener)
      throws HoldfastException {
    return start(terms, path, policy, starting, listener, Meanwhile.NOTHING);
  }

  /// As above, served meanwhile; a standby, if it may not own the log any more when it comes to
  /// that.
  public static Service start(
      Terms terms,
      Path path,
      AfterCrash policy,
      ShardStart.Listener starting,
      ShardService.Listener listener,
      Meanwhile meanwhile)
      throws HoldfastException {
    return isHeld(path, policy)
        ? readOnly(terms, path, Optional.of(HELD), starting, meanwhile)
        : own(terms, path, policy == AfterCrash.SERVE, starting, listener, meanwhile);
  }

  private static boolean isHeld(Path path, AfterCrash policy) throws HoldfastException {
    try (StateFolder folder = StateFolder.open(path)) {
      return folder.isHeld(policy);
    }
  }

  private static void own(ShardService shard, Terms terms, ShardStart start, int epoch)
      throws HoldfastException {
    byte[] owner = new byte[16];
    terms.random.nextBytes(owner);
    try {
      shard.own(
          terms.service,
          terms.key,
          SegmentId.first(SHARD, epoch),
          Bytes.wrap(owner),
          terms.random,
          shard.read(start::suspects));
      shard.cleaner().orElseThrow().sweep(shard.read(start::retired));
      shard.freeing().compare(start);
    } catch (HoldfastException | RuntimeException e) {
      // Nothing may touch the index any more, because it is closed next.
      shard.stop();
      throw e;
    }
  }

  /// Brings a standby on. One thread.
  public Follower follower(Terms terms) throws HoldfastException {
    return shard.follower(terms.reader());
  }

  /// Seals the log for a standby: nobody else can write it from here on. Where this fails, another
  /// process may still own it.
  public Sealed seal(Terms terms, ShardStart.Listener starting) throws HoldfastException {
    ShardStart start = terms.start(starting);
    return new Sealed(start, start.fence(index, terms.random));
  }

  /// Makes a standby the owner of the log that it has sealed, and up to which `follower` brings it
  /// on. Sessions go on.
  ///
  /// Where this fails nobody owns the log, and only a new start takes it over.
  public void own(Terms terms, Sealed sealed, Follower follower) throws HoldfastException {
    if (follower.finish(sealed.start.taken()) == Follower.Step.HOLE) {
      throw new UnavailableException("segments were cleaned that this standby has not seen");
    }
    own(shard, terms, sealed.start, sealed.epoch);
  }

  /// Serves restores only, and takes nothing over: another process may own the log meanwhile.
  public static Service readOnly(Terms terms, Index index, ShardStart.Listener listener)
      throws HoldfastException {
    ShardState state = terms.start(listener).catchUp(index);
    Damages damages = new Damages(terms.clock, terms.patienceMillis, Optional.empty());
    return new Service(
        index,
        terms.reading(state, damages),
        damages,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /// As [#readOnly], with the index in a folder.
  public static Service readOnly(Terms terms, Path path, ShardStart.Listener listener)
      throws HoldfastException {
    return readOnly(terms, path, Optional.empty(), listener, Meanwhile.NOTHING);
  }

  private static Service readOnly(
      Terms terms,
      Path path,
      Optional<String> held,
      ShardStart.Listener listener,
      Meanwhile meanwhile)
      throws HoldfastException {
    ShardStart start = terms.start(listener);
    return in(
        path,
        terms,
        start,
        held,
        meanwhile,
        (index, damages) -> terms.reading(start.catchUp(index), damages));
  }

  private static Service in(
      Path path,
      Terms terms,
      ShardStart start,
      Optional<String> held,
      Meanwhile meanwhile,
      Maker maker)
      throws HoldfastException {
    StateFolder folder = StateFolder.open(path);
    try {
      Damages damages = new Damages(terms.clock, terms.patienceMillis, Optional.of(folder));
      EarlyRestores early = new EarlyRestores(terms, meanwhile, damages);
      start.readEarly(early);
      try {
        meanwhile.begins();
        return in(folder, damages, early, start, held, maker);
      } catch (HoldfastException | RuntimeException e) {
        early.end();
        damages.close();
        throw e;
      }
    } catch (HoldfastException | RuntimeException e) {
      folder.close();
      throw e;
    }
  }

  private static Service in(
      StateFolder folder,
      Damages damages,
      EarlyRestores early,
      ShardStart start,
      Optional<String> held,
      Maker maker)
      throws HoldfastException {
    Index index = start.openIndex(folder);
    try {
      ShardService shard = maker.make(index, damages);
      early.shard().ifPresent(shard::besides);
      shard.reportDefects(folder);
      return new Service(
          index, shard, damages, Optional.of(folder), held, Optional.of(start), Optional.of(early));
    } catch (UnavailableException e) {
      // The bucket is away: that is no crash.
      early.end();
      putDown(index, start.isSound() ? Optional.of(folder) : Optional.empty());
      throw e;
    } catch (HoldfastException | RuntimeException e) {
      early.end();
      index.close();
      throw e;
    }
  }

  /// Closes it, marked as clean in a folder if it is known to be what it should be.
  private static void putDown(Index index, Optional<StateFolder> folder) {
    boolean flushed = false;
    try {
      index.flush();
      flushed = true;
    } catch (IndexException e) {
      LOG.warn("{}", e.getMessage());
    }
    index.close();
    if (flushed) {
      folder.ifPresent(Service::markClean);
    }
  }

  public ShardService shard() {
    return shard;
  }

  /// Why it serves restores only, until a person has looked; empty if it serves everything.
  public Optional<String> held() {
    return held;
  }

  /// From here on takes no backups while the state folder's disk is nearly full.
  public void watchDisk(DiskWatch.Marks marks) {
    folder.ifPresent(path -> shard.watchDisk(path, marks));
  }

  /// From here on what nobody will see again is freed, and its place given back, in the background.
  /// No deletion comes to be over in the first `settleMillis`, nor so long after the clock has
  /// jumped.
  public void tidyInBackground(Clock clock, Spawner spawner, long settleMillis) {
    shard.freeing().settle(settleMillis);
    start(BackgroundJob.FREEING, shard.freeing(), clock, spawner);
    shard.cleaner().ifPresent(each -> start(BackgroundJob.CLEANING, each, clock, spawner));
  }

  /// From here on all that is kept is read again in the background, once each `periodMillis`; if
  /// that is 0, or this process does not own the log, never.
  public void scrubInBackground(Clock clock, Spawner spawner, long periodMillis) {
    Optional<Scrub> scrub = shard.scrub();
    if (scrub.isPresent() && periodMillis > 0) {
      scrub.get().begin(periodMillis, folder);
      start(BackgroundJob.SCRUB, scrub.get(), clock, spawner);
    }
  }

  /// From here on it is tried in the background, each `periodMillis`, whether the state can be made
  /// anew from the bucket. Empty if that is 0, or this process does not own the log: then never.
  public Optional<DrillWatch> drillInBackground(
      Terms terms, Clock clock, Spawner spawner, long periodMillis) {
    if (folder.isEmpty() || shard.epoch() == 0 || periodMillis == 0) {
      return Optional.empty();
    }
    ScheduledDrill drill = new ScheduledDrill(terms, shard, folder.get().path(), periodMillis);
    drill.clear();
    start(BackgroundJob.DRILL, drill, clock, spawner);
    return Optional.of(drill.watch());
  }

  /// From here on images of the index are made in the background, at most one in `periodMillis` as
  /// a rule, and nothing behind the newest one is cleaned. Not if that is 0, or this process does
  /// not own the log, or has only taken somebody's word for its index.
  public Optional<ImageMaker> imagesInBackground(
      Terms terms, Clock clock, Spawner spawner, long periodMillis) {
    Optional<ImageMaker> images = images(terms, periodMillis);
    if (images.isPresent()) {
      images.get().clear();
      start(BackgroundJob.IMAGE, images.get(), clock, spawner);
    }
    return images;
  }

  Optional<ImageMaker> images(Terms terms, long periodMillis) {
    return folder.flatMap(
        state -> images(terms, periodMillis, Timeline.in(state.path(), terms.clock(), "image")));
  }

  /// As [#imagesInBackground], for a caller who says when a round is made. The timeline hears of
  /// each image.
  public Optional<ImageMaker> images(Terms terms, long periodMillis, Timeline timeline) {
    boolean isSound = start.isPresent() && start.get().isSound();
    if (folder.isEmpty() || shard.epoch() == 0 || periodMillis == 0 || !isSound) {
      return Optional.empty();
    }
    ImageMaker images =
        new ImageMaker(
            terms,
            shard,
            index,
            folder.get(),
            new ImageRule(periodMillis),
            timeline,
            start.get().hasVoidImage());
    shard.cleaner().orElseThrow().holdBehind(images::held);
    return Optional.of(images);
  }

  private void start(
      BackgroundJob job, BackgroundTimer.Rounds rounds, Clock clock, Spawner spawner) {
    timers.add(
        BackgroundTimer.start(job, rounds, shard.pacer(), clock, spawner, shard::reportDefect));
  }

  /// Makes everything durable, then closes the index so that the next start need not prove it.
  @Override
  public void close() throws HoldfastException {
    timers.forEach(BackgroundTimer::stop);
    shard.scrub().ifPresent(Scrub::close);
    early.ifPresent(EarlyRestores::end);
    boolean flushed = false;
    try {
      shard.close();
      index.flush();
      flushed = true;
    } finally {
      index.close();
      damages.close();
      if (flushed) {
        folder.ifPresent(Service::markClean);
      }
      folder.ifPresent(StateFolder::close);
    }
  }

  private static void markClean(StateFolder folder) {
    try {
      folder.markClean();
    } catch (HoldfastException e) {
      // The next start proves the index instead of trusting it.
      LOG.warn("{}", e.getMessage());
    }
  }

  /// A log that was sealed for this process, and the epoch that it may write.
  public record Sealed(ShardStart start, int epoch) {}

  /// Makes a shard that serves, of an opened index.
  private interface Maker {
    ShardService make(Index index, Damages damages) throws HoldfastException;
  }

  /// What every shard of a service is given.
  ///
  /// @param lingerMillis how long a commit waits for others to share its segment
  /// @param graceMillis how long a deletion can be undone
  /// @param patienceMillis how long an object that is absent or damaged is asked for again
  /// @param segmentDataLength at which a segment is closed, in bytes of its data
  /// @param segmentsInFlight how many are on their way to the bucket at a time
  /// @param sorting when a start makes its index by sorting
  public record Terms(
      ServiceId service,
      LogKey key,
      Bucket bucket,
      Clock clock,
      Spawner spawner,
      SecureRandom random,
      long lingerMillis,
      long graceMillis,
      long patienceMillis,
      Index.Opening indexes,
      int segmentDataLength,
      int segmentsInFlight,
      Sorting sorting) {
    /// How long a deletion can be undone where nobody says otherwise: 30 days.
    public static final long GRACE_MILLIS = 30L * 24 * 3600 * 1000;

    /// With the usual time to undo a deletion, and segments of the usual length.
    public Terms(
        ServiceId service,
        LogKey key,
        Bucket bucket,
        Clock clock,
        Spawner spawner,
        SecureRandom random,
        long lingerMillis,
        long patienceMillis,
        Index.Opening indexes) {
      this(
          service,
          key,
          bucket,
          clock,
          spawner,
          random,
          lingerMillis,
          GRACE_MILLIS,
          patienceMillis,
          indexes,
          LogWriter.SEGMENT_DATA_LENGTH,
          LogWriter.IN_FLIGHT_MAX,
          Sorting.NEVER);
    }

    public LogReader reader() {
      return new LogReader(bucket, key, service, spawner, clock, patienceMillis);
    }

    ShardStart start(ShardStart.Listener listener) {
      return new ShardStart(
          SHARD, bucket, key, service, clock, spawner, patienceMillis, indexes, sorting, listener);
    }

    ShardService reading(ShardState state, Damages damages) throws HoldfastException {
      ShardService shard = shard(state, damages, _ -> {});
      shard.readOnly(reader());
      return shard;
    }

    ShardService shard(ShardState state, Damages damages, ShardService.Listener listener) {
      return new ShardService(
          SHARD,
          state,
          bucket,
          clock,
          spawner,
          lingerMillis,
          graceMillis,
          segmentDataLength,
          segmentsInFlight,
          damages,
          listener);
    }
  }
}
