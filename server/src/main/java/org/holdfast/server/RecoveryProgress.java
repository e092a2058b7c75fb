package org.holdfast.server;

import java.util.Locale;
import java.util.Optional;
import org.holdfast.core.Clock;
import org.holdfast.log.StateDigest;
import org.holdfast.server.session.RecoveringOperator;
import org.holdfast.server.shard.ShardStart;

/// How far a start is, for who asks meanwhile; passes all on.
///
/// The start's thread tells, any thread asks.
final class RecoveryProgress implements ShardStart.Listener {
  private final Clock clock;
  private final ShardStart.Listener inner;
  private volatile Reached reached;

  RecoveryProgress(Clock clock, ShardStart.Listener inner) {
    this.clock = clock;
    this.inner = inner;
    this.reached = new Reached(Step.OPENING, 0, 0, clock.nanos());
  }

  /// Of the step that it is at.
  RecoveringOperator.Report report(Optional<RecoveringOperator.Machines> machines) {
    Reached now = reached;
    return new RecoveringOperator.Report(
        line(now),
        now.step.name().toLowerCase(Locale.ROOT),
        now.done,
        now.all,
        leftMillis(now),
        machines);
  }

  /// How long the step will still take; empty if that cannot be told.
  Optional<Long> leftMillis() {
    return leftMillis(reached);
  }

  private Optional<Long> leftMillis(Reached now) {
    return now.done == 0
        ? Optional.empty()
        : Optional.of(
            (long) ((clock.nanos() - now.sinceNanos) / 1e6 / now.done * (now.all - now.done)));
  }

  /// For a person.
  String line() {
    return line(reached);
  }

  private String line(Reached now) {
    if (now.all == 0) {
      return now.step.words;
    }
    String far = "%s, %d of %d %s".formatted(now.step.words, now.done, now.all, now.step.things);
    return leftMillis(now)
        .map(left -> far + ", " + (left + 999) / 1000 + " s left of this step")
        .orElse(far);
  }

  private void at(Step step, long done, long all) {
    Reached before = reached;
    // What is done begins anew where a step does, or is done again.
    boolean goesOn = before.step == step && before.all == all && before.done <= done;
    reached = new Reached(step, done, all, goesOn ? before.sinceNanos : clock.nanos());
  }

  @Override
  public void mayEnd(boolean may) {
    inner.mayEnd(may);
  }

  @Override
  public void proven(StateDigest digest) {
    inner.proven(digest);
  }

  @Override
  public void discarded(String reason) {
    inner.discarded(reason);
  }

  @Override
  public void imageFetched(long bytesDone, long bytesAll) {
    at(Step.IMAGE, bytesDone >> 20, bytesAll >> 20);
    inner.imageFetched(bytesDone, bytesAll);
  }

  @Override
  public void imageTaken(String list, long record, long bytes) {
    inner.imageTaken(list, record, bytes);
  }

  @Override
  public void imageLeft(String list, String why) {
    inner.imageLeft(list, why);
  }

  @Override
  public void fromHeaders(String why) {
    inner.fromHeaders(why);
  }

  @Override
  public void fetched(long segmentsDone, long segmentsAll) {
    at(Step.HEADERS, segmentsDone, segmentsAll);
    inner.fetched(segmentsDone, segmentsAll);
  }

  @Override
  public void loaded(int filesDone, int filesAll) {
    at(Step.BLOCKS, filesDone, filesAll);
    inner.loaded(filesDone, filesAll);
  }

  @Override
  public void inOrder(String why) {
    inner.inOrder(why);
  }

  @Override
  public void replaying(int segments) {
    at(Step.RECORDS, 0, segments);
    inner.replaying(segments);
  }

  @Override
  public void replayed(long segmentsDone, long segmentsAll, long recordsDone) {
    at(Step.RECORDS, segmentsDone, segmentsAll);
    inner.replayed(segmentsDone, segmentsAll, recordsDone);
  }

  /// What a start does, one after the other, but for what it need not.
  private enum Step {
    OPENING("opening its index", ""),
    IMAGE("fetching an image of its index", "MiB"),
    HEADERS("reading headers", "segments"),
    RECORDS("applying records", "segments"),
    BLOCKS("loading blocks", "files");

    private final String words;
    private final String things;

    Step(String words, String things) {
      this.words = words;
      this.things = things;
    }
  }

  private record Reached(Step step, long done, long all, long sinceNanos) {}
}
