package org.holdfast.server.export;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.holdfast.bucket.FolderCopy;
import org.holdfast.core.Bytes;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.MachineId;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.SegmentId;
import org.holdfast.server.Service;
import org.holdfast.server.index.Index;
import org.holdfast.server.shard.CatchUp;
import org.holdfast.server.shard.CopyReader;
import org.holdfast.server.shard.StateFolder;
import org.holdfast.server.state.MachineChoice;
import org.holdfast.server.state.MachineExtract;
import org.holdfast.server.state.ShardState;

/// Writes what one machine's restore needs into a folder, from the bucket alone: as a log of its
/// own, which says nothing of other machines (`docs/format.md`, "Exports").
///
/// It changes nothing in the bucket, and a server may be at work there. What that one cleans while
/// it is read is looked for again in another round.
///
/// Used once; [#stop] from any thread.
public final class MachineExport {
  /// Whoever cleans faster than that leaves nothing to read.
  private static final int ROUNDS_MAX = 20;

  /// What a copy takes in a header, in bytes; an object's own header and ends; and what is left for
  /// the file system.
  private static final long RECORD_LENGTH = 96;

  private static final long OBJECT_LENGTH = 4096;
  private static final long ROOM_LEFT = 1 << 20;
  private static final long MB = 1_000_000;

  private static final String NOTE = "read-me.txt";
  private static final String NOTE_TEXT =
      """
      This is an export by Holdfast: all that one machine's restore needs, sealed with its keys.

        holdfast archives --from-bucket dir:FOLDER --keyfile KEYFILE
        holdfast restore latest --from-bucket dir:FOLDER --keyfile KEYFILE --target TARGET

      FOLDER is the path of the folder in which you found this, KEYFILE a key file of the machine
      with the right to read. All other files here are needed, and the empty folder .tmp: it tells
      that the disk is there.
      """;

  private final Service.Terms terms;
  private final Path scratch;
  private final ExportProgress progress;
  private volatile boolean stopped;
  private Optional<FolderCopy> begun = Optional.empty();

  /// `scratch` is a folder that nobody uses for anything else, for an index of the whole log and
  /// one of what is written. It is gone afterwards.
  public MachineExport(Service.Terms terms, Path scratch, ExportProgress progress) {
    this.terms = terms;
    this.scratch = scratch;
    this.progress = progress;
  }

  /// Exports the machine with that name, or whose id begins so, into a folder that is empty or not
  /// there yet. If this throws the folder is as it was, or says that it is not finished.
  public ExportReport run(String wanted, Path to) throws HoldfastException {
    try (StateFolder indexes = StateFolder.open(scratch)) {
      try {
        return run(wanted, to, indexes);
      } finally {
        indexes.delete(scratch);
      }
    }
  }

  private ExportReport run(String wanted, Path to, StateFolder indexes) throws HoldfastException {
    FolderCopy folder = FolderCopy.begin(to);
    begun = Optional.of(folder);
    try {
      return run(wanted, folder, indexes);
    } catch (HoldfastException | RuntimeException e) {
      folder.abandon();
      throw e;
    }
  }

  private ExportReport run(String wanted, FolderCopy folder, StateFolder indexes)
      throws HoldfastException {
    long start = terms.clock().nanos();
    // Of an export that was killed.
    indexes.delete(indexes.index());
    try (Index index = terms.indexes().open(indexes.index());
        Index own = terms.indexes().open(indexes.freshIndex())) {
      ShardState state = catchUp(index);
      MachineId machine = new MachineChoice(state.machines()).of(wanted);
      String name = state.machine(machine).orElseThrow().name();
      MachineExtract extract = new MachineExtract(index, machine);
      checkRoom(folder, extract);
      ExportLog log = new ExportLog(terms, extract, owner(), own, folder);
      Map<SegmentId, String> damaged = copy(index, state, extract, log);
      long lost = lost(extract, log);
      log.finish();
      folder.finish(NOTE, NOTE_TEXT);
      return new ExportReport(
          machine,
          name,
          log.archives(machine),
          log.blocks(),
          log.bytes(),
          log.objects(),
          damaged.values().stream().map(each -> each + consequence(lost)).toList(),
          lost,
          (terms.clock().nanos() - start) / 1_000_000);
    }
  }

  /// Ends it soon: [#run] throws.
  public void stop() {
    stopped = true;
  }

  /// Whether [#run], having thrown, has left something in the folder.
  public boolean hasLeftSomething() {
    return begun.filter(FolderCopy::hasPut).isPresent();
  }

  private ShardState catchUp(Index index) throws HoldfastException {
    CatchUp.Listener listener =
        new CatchUp.Listener() {
          @Override
          public void replayed(long done, long all, ShardState state) {
            progress.headers(done, all);
          }
        };
    return new CatchUp(Service.SHARD, terms.reader(), terms.spawner(), Optional.empty(), listener)
        .run(index);
  }

  private void checkRoom(FolderCopy folder, MachineExtract extract) throws HoldfastException {
    long[] all = new long[2];
    extract.eachCopy((_, copy) -> {
      all[0]++;
      all[1] += copy.length();
    });
    progress.begins(all[1]);
    long objects = 2 + all[1] / terms.segmentDataLength();
    long needed = all[1] + all[0] * RECORD_LENGTH + objects * OBJECT_LENGTH + ROOM_LEFT;
    long free = folder.freeBytes();
    if (free < needed) {
      throw new RefusedException(
          "the export needs %d MB, and its disk has %d MB free: make room, or choose a larger one"
              .formatted(needed / MB + 1, free / MB));
    }
  }

  /// Until nothing has moved while it was read. Answers what is wrong with the objects that are not
  /// what was stored.
  private Map<SegmentId, String> copy(
      Index index, ShardState first, MachineExtract extract, ExportLog log)
      throws HoldfastException {
    Map<SegmentId, String> damaged = new TreeMap<>();
    ShardState state = first;
    for (int round = 1; round <= ROUNDS_MAX; round++) {
      CopyReader reader =
          new CopyReader(
              state.position().segmentId(Service.SHARD),
              terms.reader(),
              terms.bucket(),
              terms.clock(),
              terms.spawner(),
              terms.patienceMillis(),
              () -> stopped);
      reader.read(
          segments(extract, log),
          (entry, there) ->
              extract.copy(entry.item(), there).filter(copy -> !log.has(copy)).isPresent(),
          (entry, there, data) -> {
            log.add(extract.copy(entry.item(), there).orElseThrow(), data);
            progress.copied(data.remaining());
          });
      damaged.putAll(reader.damaged());
      if (!reader.hasMissed()) {
        return damaged;
      }
      state = catchUp(index);
    }
    throw new UnavailableException(
        "the server cleans the log while it is read: switch that off with `holdfast clean off`,"
            + " then repeat the command");
  }

  /// Those that hold a copy which is not written yet.
  private List<SegmentId> segments(MachineExtract extract, ExportLog log) throws HoldfastException {
    TreeSet<SegmentId> segments = new TreeSet<>();
    extract.eachCopy((copy, there) -> {
      if (!log.has(copy)) {
        segments.add(there.segmentId(Service.SHARD));
      }
    });
    return new ArrayList<>(segments);
  }

  private static String consequence(long lost) {
    return lost == 0
        ? "; every block that the machine needs of it was read from another copy, so nothing is"
            + " lost"
        : ", and blocks could not be read: restore the object from a copy of the bucket";
  }

  /// Blocks of which no copy was written.
  private static long lost(MachineExtract extract, ExportLog log) throws HoldfastException {
    long[] lost = new long[1];
    extract.eachCopy((copy, _) -> lost[0] += log.hasAny(copy) ? 0 : 1);
    return lost[0];
  }

  private Bytes owner() {
    byte[] owner = new byte[16];
    terms.random().nextBytes(owner);
    return Bytes.wrap(owner);
  }
}
