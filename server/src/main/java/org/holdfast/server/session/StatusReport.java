package org.holdfast.server.session;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.holdfast.bucket.BucketMeter;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException.Trouble;
import org.holdfast.server.drill.DrillWatch;
import org.holdfast.server.image.ImageAge;
import org.holdfast.server.shard.BackgroundJob;
import org.holdfast.server.shard.BackgroundMemory;
import org.holdfast.server.shard.Cleaner;
import org.holdfast.server.shard.DiskWatch;
import org.holdfast.server.shard.ExpiryClock;
import org.holdfast.server.shard.Freeing;
import org.holdfast.server.shard.Garbage;
import org.holdfast.server.shard.LogQueues;
import org.holdfast.server.shard.LostData;
import org.holdfast.server.shard.Pacer;
import org.holdfast.server.shard.Scrub;
import org.holdfast.server.shard.ShardService;
import org.holdfast.server.state.Position;

/// How the server is, in lines of a name and a value (`docs/protocol.md`, "Operating").
///
/// Any thread.
public final class StatusReport {
  private final ShardService shard;
  private final Sessions sessions;
  private final BucketMeter meter;
  private final boolean hasPrice;
  private final Supplier<Optional<DrillWatch>> drills;
  private final Supplier<Optional<ImageReport>> images;
  private final Supplier<Optional<Pairing>> pairing;

  /// `hasPrice` says whether requests to the bucket, and what it keeps, cost money; `drills` how
  /// drills went, if any are made; `images` what there is of images, if any are made; `pairing` how
  /// it is one of two servers, if it is.
  public StatusReport(
      ShardService shard,
      Sessions sessions,
      BucketMeter meter,
      boolean hasPrice,
      Supplier<Optional<DrillWatch>> drills,
      Supplier<Optional<ImageReport>> images,
      Supplier<Optional<Pairing>> pairing) {
    this.shard = shard;
    this.sessions = sessions;
    this.meter = meter;
    this.hasPrice = hasPrice;
    this.drills = drills;
    this.images = images;
    this.pairing = pairing;
  }

  /// The same by their names.
  public Map<String, String> figures() throws HoldfastException {
    Map<String, String> figures = new LinkedHashMap<>();
    lines()
        .lines()
        .forEach(line -> {
          int space = line.indexOf(' ');
          figures.put(line.substring(0, space), line.substring(space + 1));
        });
    return figures;
  }

  String lines() throws HoldfastException {
    Lines lines = new Lines();
    Position position = shard.position();
    Optional<Pairing> pair = pairing.get();
    boolean isStandby = pair.flatMap(Pairing::following).isPresent();
    lines.add("role", isStandby ? "standby" : shard.epoch() > 0 ? "owner" : "reader");
    pair.ifPresent(each -> addPairing(lines, each));
    lines.add("sessions", sessions.count());
    lines.add("epoch", position.epoch());
    lines.add("segment", position.segment());
    lines.add("records", position.nextRecord() - 1);
    lines.add("digest", position.digest().toString());
    Optional<String> obstacle = shard.obstacle();
    lines.add("backups", obstacle.isEmpty() ? "taken" : "stopped");
    obstacle.ifPresent(why -> lines.add("obstacle", why));
    lines.add("damaged_objects", shard.damagedObjects());
    LostData lost = shard.lost();
    lines.add("lost_blocks", lost.blocks());
    lines.add("lost_objects", lost.objects().size());
    lines.add("lost_objects_bytes", lost.objectBytes());
    Garbage kept = shard.durable(rows -> Garbage.of(rows, 0));
    lines.add("kept_objects", kept.segments());
    lines.add("kept_bytes", kept.storedBytes());
    lines.add("header_bytes", kept.headerBytes());
    lines.add("live_bytes", kept.liveBytes());
    lines.add("garbage_bytes", kept.bytes());
    addCleaning(lines);
    addDeleted(lines);
    addQueues(lines);
    addMemory(lines);
    for (BackgroundJob job : BackgroundJob.values()) {
      addJob(lines, job);
    }
    if (shard.scrub().isPresent()) {
      shard.scrub().get().report().ifPresent(scrub -> addScrub(lines, scrub));
    }
    drills.get().ifPresent(each -> addDrills(lines, each));
    images.get().ifPresent(each -> addImages(lines, each, position.nextRecord() - 1));
    shard.disk().ifPresent(disk -> addDisk(lines, disk));
    shard.defectReport().ifPresent(file -> lines.add("defect_report", file));
    List<String> overrides = shard.overrides();
    if (!overrides.isEmpty()) {
      lines.add("overrides", overrides.size());
      lines.add("last_override", overrides.getLast());
    }
    add(lines, meter.report(), kept.storedBytes());
    return lines.text.toString();
  }

  private static void addPairing(Lines lines, Pairing pair) {
    pair.partner()
        .ifPresent(partner -> {
          lines.add("partner", partner);
          lines.add("partner_state", pair.partnerState());
        });
    pair.following()
        .ifPresent(following -> {
          lines.add("standby_behind_seconds", following.behindMillis() / 1000);
          following.trouble().ifPresent(why -> lines.add("standby_trouble", why));
          lines.add("take_over_after_seconds", following.silenceMillis() / 1000);
          lines.add("takes_over_alone", following.takesOverAlone() ? "yes" : "no");
        });
  }

  private void addCleaning(Lines lines) {
    shard
        .cleaner()
        .map(Cleaner::progress)
        .ifPresent(cleaning -> {
          lines.add("cleaned_segments", cleaning.cleanedSegments());
          lines.add("moved_bytes", cleaning.movedBytes());
          lines.add("given_back_bytes", cleaning.deletedBytes());
          lines.add("given_back_bytes_an_hour", cleaning.hourlyBytes());
        });
  }

  private void addDeleted(Lines lines) throws HoldfastException {
    lines.add("deletions_undoable", shard.<Long>durable(rows -> rows.undoableCount()));
    ExpiryClock.Held held = shard.freeing().held();
    lines.add("deletions_held_seconds", (held.millis() + 999) / 1000);
    lines.add("clock_jump_seconds", held.jumpMillis() / 1000);
    lines.add("transactions_to_free", shard.<Long>durable(rows -> rows.garbageCount()));
    Freeing.Progress freeing = shard.freeing().progress();
    lines.add("blocks_to_free", freeing.foundBlocks());
    lines.add("bytes_to_free", freeing.foundBytes());
    lines.add("freed_blocks", freeing.freedBlocks());
    lines.add("freed_bytes", freeing.freedBytes());
  }

  private void addQueues(Lines lines) throws HoldfastException {
    LogQueues queues = shard.queues();
    lines.add("waiting_for_room", queues.forRoom());
    lines.add("waiting_in_background", queues.background());
    lines.add("waiting_for_durable", queues.forDurable());
    lines.add("segments_on_their_way", queues.segments());
    lines.add("memory_log_bytes", queues.bytes());
  }

  private void addMemory(Lines lines) {
    Limits limits = sessions.limits();
    lines.add("memory_store_bytes", sessions.budgets().storeBytes());
    lines.add("memory_store_limit_bytes", limits.storeBytes());
    lines.add("memory_fetch_bytes", sessions.budgets().fetchBytes());
    lines.add("memory_fetch_limit_bytes", limits.fetchBytes());
    lines.add("memory_request_bytes", sessions.budgets().requestBytes());
    lines.add("memory_request_limit_bytes", Limits.REQUEST_BYTES);
    lines.add("memory_background_bytes", shard.memory().heldBytes());
    lines.add("memory_background_limit_bytes", BackgroundMemory.BYTES);
  }

  private void addJob(Lines lines, BackgroundJob job) {
    Pacer.Progress progress = shard.pacer().progress(job);
    Optional<String> held = shard.pacer().holds(job);
    if (held.isEmpty() && progress.pieces() + progress.failures() + progress.ends() == 0) {
      return;
    }
    lines.add(job + "_worked_ms", progress.workedMillis());
    lines.add(job + "_waited_ms", progress.waitedMillis());
    lines.add(job + "_rounds", progress.ends());
    lines.add(job + "_failures", progress.failures());
    lines.add(job + "_failures_in_a_row", progress.failuresInARow());
    lines.add(job + "_rounds_of_late", progress.recentEnds());
    lines.add(job + "_failures_of_late", progress.recentFailures());
    lines.add(job + "_memory_bytes", shard.memory().heldBytes(job));
    held.ifPresent(why -> lines.add(job + "_held", why));
  }

  private static void addScrub(Lines lines, Scrub.Report scrub) {
    scrub.sinceMillis().ifPresent(since -> lines.add("scrub_seconds", since / 1000));
    lines.add("scrub_read_bytes", scrub.readBytes());
    lines.add("scrub_left_bytes", scrub.leftBytes());
    scrub.endedAgoMillis().ifPresent(ago -> lines.add("scrub_ended_ago_seconds", ago / 1000));
  }

  /// A file that cannot be read must not keep all other figures back.
  private static void addDrills(Lines lines, DrillWatch drills) {
    try {
      addDrills(lines, drills.report());
    } catch (RefusedException e) {
      lines.add("drill_why", e.getMessage());
    }
  }

  private static void addDrills(Lines lines, DrillWatch.Report report) {
    lines.add("drill_period_seconds", report.periodMillis() / 1000);
    lines.add("drill_no_good_seconds", report.noGoodMillis() / 1000);
    report
        .last()
        .ifPresent(last -> {
          lines.add("drill_ago_seconds", report.lastAgoMillis() / 1000);
          lines.add("drill_records", last.work().records());
          lines.add("drill_records_a_second", last.work().recordsPerSecond());
          lines.add("drill_result", last.resultName());
          if (!last.isGood()) {
            lines.add("drill_why", last.why());
          }
        });
  }

  private static void addImages(Lines lines, ImageReport images, long lastRecord) {
    lines.add("image_period_seconds", images.periodMillis() / 1000);
    images
        .newest()
        .ifPresent(newest -> {
          lines.add("image_ago_seconds", newest.agoMillis() / 1000);
          lines.add("image_bytes", newest.bytes());
          lines.add("image_behind_records", Math.max(0, lastRecord - newest.lastRecord()));
        });
  }

  private static void addDisk(Lines lines, DiskWatch.Report disk) {
    lines.add("disk", disk.state().name().toLowerCase(Locale.ROOT));
    lines.add("disk_free_bytes", disk.freeBytes());
    lines.add("disk_low_bytes", disk.marks().lowBytes());
    lines.add("disk_high_bytes", disk.marks().highBytes());
    disk.hoursLeft().ifPresent(hours -> lines.add("disk_hours_left", hours));
  }

  private void add(Lines lines, BucketMeter.Report report, long keptBytes) {
    lines.add("bucket_seconds", report.seconds());
    lines.add("bucket_gets", report.gets());
    lines.add("bucket_puts", report.puts());
    lines.add("bucket_lists", report.lists());
    lines.add("bucket_deletes", report.deletes());
    lines.add("bucket_bytes_read", report.bytesIn());
    lines.add("bucket_bytes_written", report.bytesOut());
    lines.add("bucket_retries", report.retries());
    lines.add("bucket_given_up", report.givenUp());
    lines.add("bucket_hedges", report.hedges());
    report.troubles().forEach((kind, count) -> lines.add("bucket_failed_" + name(kind), count));
    report
        .unusual()
        .forEach((kind, share) ->
            lines.add("bucket_unusual_" + name(kind) + "_ppm", Math.round(share * 1e6)));
    if (hasPrice) {
      lines.add("month_requests_micros", Math.round(report.requestsMonth() * 1e6));
      lines.add("month_storage_micros", Math.round(meter.storageMonth(keptBytes) * 1e6));
    }
  }

  private static String name(Trouble kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  private static final class Lines {
    private final StringBuilder text = new StringBuilder();

    void add(String name, long value) {
      add(name, Long.toString(value));
    }

    void add(String name, String value) {
      text.append(name).append(' ').append(value.replace('\n', ' ')).append('\n');
    }
  }

  /// Images that this server makes.
  ///
  /// @param periodMillis between two, as a rule
  /// @param newest if there is one
  public record ImageReport(long periodMillis, Optional<ImageAge> newest) {}

  /// How one of two servers is.
  ///
  /// @param partner where the other one is, if it is known
  /// @param partnerState `owner`, `standby`, `recovering` or `silent`
  /// @param following how a standby is; empty for the owner
  public record Pairing(
      Optional<String> partner, String partnerState, Optional<Following> following) {}

  /// How a standby is.
  ///
  /// @param behindMillis since when it may not know what the log says
  /// @param silenceMillis after which it takes over by itself; 0: never
  /// @param takesOverAlone whether it does so at the moment
  /// @param trouble why the log is not followed at the moment
  public record Following(
      long behindMillis, long silenceMillis, boolean takesOverAlone, Optional<String> trouble) {}
}
