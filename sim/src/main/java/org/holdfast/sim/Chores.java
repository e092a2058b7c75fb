package org.holdfast.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.holdfast.core.HoldfastException;
import org.holdfast.log.SegmentId;
import org.holdfast.server.ImageMaker;
import org.holdfast.server.Service;
import org.holdfast.server.index.IndexException;
import org.holdfast.server.journal.Timeline;
import org.holdfast.server.shard.Cleaner;
import org.holdfast.server.shard.ShardService;
import org.jspecify.annotations.Nullable;

/// What a server does beside answering: it frees, cleans, reads again and makes images, sooner and
/// more often than its users would have it do, as histories are short.
final class Chores {
  /// Short, so that histories see deletions end.
  private static final long SETTLE_MILLIS = 30_000;

  /// Shorter than most lives of a server.
  private static final long SOON_MILLIS = 3_000;

  /// As soon as a hundredth of the log is new.
  private static final long IMAGE_PERIOD_MILLIS = 1;

  /// About what the cleaning of a segment takes.
  private static final int CLEANING_STEPS = 100;

  private final World world;
  private final SimServer server;
  private final SimProcess process;
  private final Service owned;
  private final ShardService shard;
  private final Optional<ImageMaker> images;
  private final Faults faults;
  private final SplittableRandom luck;
  private @Nullable Violation violation;
  private @Nullable SegmentId cleaning;

  /// Whether it has made an image: one that came later than its answer it may not know.
  private boolean hasImage;

  private boolean isScrubbing;

  Chores(World world, SimServer server, Service owned, Service.Terms terms, Faults faults) {
    this.world = world;
    this.server = server;
    this.process = server.process();
    this.owned = owned;
    this.shard = owned.shard();
    this.images =
        world.setting().makesImages()
            ? owned.images(terms, IMAGE_PERIOD_MILLIS, Timeline.none(process.clock()))
            : Optional.empty();
    this.faults = faults;
    this.luck = world.chance().stream(process.name() + " chores");
  }

  void begin() {
    images.ifPresent(maker -> process.spawner().spawn("images", () -> makeImages(maker)));
    if (world.setting().cleansMuch() && !world.endings().isFair()) {
      shard.freeing().settle(SOON_MILLIS);
      process.spawner().spawn("frees", this::freeSoon);
    } else {
      owned.tidyInBackground(process.clock(), process.spawner(), SETTLE_MILLIS);
    }
    owned.scrubInBackground(process.clock(), process.spawner(), world.setting().scrubMillis());
    if (world.setting().cleansAny()) {
      process.spawner().spawn("cleans", this::cleanOften);
    }
  }

  @Nullable Violation violation() {
    return violation;
  }

  /// Whether another image is due; false if none are made.
  boolean isImageDue() throws HoldfastException {
    return images.isPresent() && images.get().isDue();
  }

  /// Makes one whenever it is due, until it stops.
  private void makeImages(ImageMaker maker) {
    SplittableRandom pauses = world.chance().stream(process.name() + " images");
    maker.clear();
    attempt(
        "makes images",
        () -> {
          while (!server.isStopping()) {
            process.clock().sleepMillis(1 + pauses.nextLong(2 * world.setting().imageMillis()));
            attempt("makes images", () -> makeImage(maker));
          }
          maker.stop();
        });
  }

  private void makeImage(ImageMaker maker) throws HoldfastException {
    if (maker.isDue()) {
      boolean isCalm = world.endings().isCalm();
      var _ = maker.round();
      hasImage = true;
      if (isCalm && Images.newestWhole(world.store()).isEmpty()) {
        violation = new Violation(process.name() + " has made an image that is not whole");
      }
    }
  }

  /// Frees what is over much sooner than usual, until it stops or the weather turns fair: then that
  /// is as usual.
  private void freeSoon() {
    SplittableRandom pauses = world.chance().stream(process.name() + " frees");
    attempt(
        "frees",
        () -> {
          while (!isOver()) {
            process.clock().sleepMillis(1 + pauses.nextLong(2 * SOON_MILLIS));
            attempt("frees", shard.freeing()::round);
          }
          if (!server.isStopping()) {
            owned.tidyInBackground(process.clock(), process.spawner(), SETTLE_MILLIS);
          }
        });
  }

  /// Cleans segments of any kind and age, until it stops or the weather turns fair.
  private void cleanOften() {
    SplittableRandom pauses = world.chance().stream(process.name() + " cleans");
    attempt(
        "cleans",
        () -> {
          while (!isOver()) {
            process.clock().sleepMillis(pauses.nextLong(world.setting().cleanMillis()));
            if (!isOver()) {
              attempt("cleans", () -> clean(pauses));
            }
          }
        });
  }

  /// Cleans something at once, where segments are cleaned that are not worth it.
  void cleanNow() {
    if (!process.isDead() && !isOver() && world.setting().cleansAny()) {
      SplittableRandom own = luck.split();
      process.spawner().spawn("cleans now", () -> attempt("cleans", () -> clean(own)));
    }
  }

  private void clean(SplittableRandom drawn) throws HoldfastException {
    List<SegmentId> segments = new ArrayList<>();
    shard.durable(rows -> {
      rows.eachSegment(0, (id, _) -> segments.add(id));
      return segments.size();
    });
    if (!segments.isEmpty()) {
      try {
        clean(shard.cleaner().orElseThrow(), segments, drawn);
      } finally {
        cleaning = null;
      }
    }
  }

  /// Cleans one of these, or none if it is too new; or the newest that is not.
  private void clean(Cleaner cleaner, List<SegmentId> segments, SplittableRandom drawn)
      throws HoldfastException {
    int last = drawn.nextInt(segments.size());
    int first = last;
    if (world.setting().cleansMuch()) {
      last = segments.size() - 1;
      first = 0;
    }
    boolean isCut = faults.strike(Rates::cutCleaning);
    for (int i = last; i >= first; i--) {
      SegmentId id = segments.get(i);
      if (world.halfCleaned().contains(id)) {
        continue;
      }
      cleaning = id;
      if (isCut) {
        isCut = false;
        world.loop().afterSteps(drawn.nextInt(CLEANING_STEPS), this::cut);
      }
      boolean isHeld = hasImage;
      if (cleaner.clean(id)) {
        process.note("has cleaned " + id);
        // It may have waited while other images were made.
        Optional<SegmentId> newest = world.images().newestOf(shard.epoch());
        if (isHeld && newest.isPresent() && id.compareTo(newest.get()) > 0) {
          violation = new Violation(id + " is cleaned, behind the image of " + newest.get());
        }
        return;
      }
    }
  }

  /// What is done so far of a cleaning gets into the bucket, as it does when somebody waits for it,
  /// and then the server dies.
  private void cut() {
    SegmentId half = cleaning;
    if (process.isDead() || isOver() || half == null) {
      return;
    }
    process.note("dies in the middle of the cleaning of " + half);
    world.halfCleaned().add(half);
    process
        .spawner()
        .spawn(
            "cut",
            () -> {
              attempt("finishes", shard::awaitDurable);
              world.loop().at(world.loop().nowNanos(), this::killIfAlive);
            });
  }

  private void killIfAlive() {
    if (!process.isDead() && !isOver()) {
      server.kill();
    }
  }

  /// Reads everything again, unless that is done in the background anyway.
  void scrub() {
    if (!process.isDead() && world.setting().scrubMillis() == 0 && !isScrubbing) {
      isScrubbing = true;
      process
          .spawner()
          .spawn(
              "scrubs",
              () -> {
                attempt("scrubs", () -> shard.scrub().orElseThrow().round());
                isScrubbing = false;
              });
    }
  }

  private boolean isOver() {
    return server.isStopping() || world.endings().isFair();
  }

  /// What cannot be done now may be done later; only a defect breaks a promise.
  private void attempt(String what, Chore chore) {
    try {
      chore.run();
    } catch (HoldfastException | IndexException e) {
      process.note(what + " later: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      violation = new Violation(process.name() + " has met a defect when it " + what, e);
    }
  }

  private interface Chore {
    void run() throws HoldfastException, InterruptedException;
  }
}
