package org.holdfast.client.restore;

import java.util.BitSet;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.holdfast.client.archive.RootContent.PageStart;
import org.holdfast.client.catalog.Archive;
import org.holdfast.client.catalog.BlockSource;
import org.holdfast.client.catalog.PageReader;
import org.holdfast.client.tree.FileAccessException;
import org.holdfast.client.tree.TargetTree;
import org.holdfast.core.Clock;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Spawner;

/// Writes an archive, or a part of it, into a folder.
///
/// The entries are gone through in order and gathered in [Window]s. This thread creates what has no
/// content; all chunks of a window are asked for at once, and each goes to the [Workers] as it
/// comes, in whatever order; they open it and write all of its pieces, and complete a file after
/// its last piece. While a window is written the next one is planned and fetched. When all files of
/// a window are written come its hard links, then the folders that nothing more goes into.
///
/// - Memory does not grow with the archive, but for groups of hard links whose first name is not
///   restored.
/// - A lost or damaged block costs the entries that need it: they are taken away and reported. What
///   fails the target as a whole (no space) stops the restore; files that are not complete then are
///   taken away.
/// - Nothing outside the target is touched, whatever the archive holds: see [TargetTree].
/// - The target is opened, and so perhaps created, when it is known that there is something to put
///   into it. When [#run] returns, all that was written is on disk.
///
/// Runs once, on one thread and those of its workers.
public final class Restore {
  private final BlockSource blocks;
  private final Archive archive;
  private final Opening target;
  private final RestoreOptions options;
  private final RestoreProgress progress;
  private final Clock clock;
  private final Spawner spawner;
  private final int threads;
  private final Window.Sizes sizes;

  /// `target` is opened by [#run], which closes it. `spawner` starts `threads` workers, which spend
  /// their time in calls to the system.
  public Restore(
      BlockSource blocks,
      Archive archive,
      Opening target,
      RestoreOptions options,
      RestoreProgress progress,
      Clock clock,
      Spawner spawner,
      int threads) {
    this(blocks, archive, target, options, progress, clock, spawner, threads, Window.Sizes.DEFAULT);
  }

  Restore(
      BlockSource blocks,
      Archive archive,
      Opening target,
      RestoreOptions options,
      RestoreProgress progress,
      Clock clock,
      Spawner spawner,
      int threads,
      Window.Sizes sizes) {
    this.blocks = blocks;
    this.archive = archive;
    this.target = target;
    this.options = options;
    this.progress = progress;
    this.clock = clock;
    this.spawner = spawner;
    this.threads = threads;
    this.sizes = sizes;
  }

  /// Restores. Throws [RefusedException] before anything is written if the target is not empty or a
  /// path is not in the archive; throws whatever stops the restore as a whole.
  public RestoreSummary run() throws HoldfastException, FileAccessException {
    long start = clock.nanos();
    Selection selection = Selection.open(blocks, archive, options);
    Tally tally = new Tally(progress);
    try (TargetTree tree = target.open()) {
      if (options.overwrite() == Overwrite.REFUSE && !tree.isEmpty()) {
        throw new RefusedException(
            "the target folder is not empty: name an empty one with --target, or go on with an"
                + " interrupted restore with --resume");
      }
      write(
          selection,
          new Destination(
              tree, options.overwrite(), options.owners(), tally, ConcurrentHashMap.newKeySet()));
      tree.sync();
    }
    return tally.summary((clock.nanos() - start) / 1_000_000);
  }

  private void write(Selection selection, Destination destination)
      throws HoldfastException, FileAccessException {
    BitSet pages = selection.pages(archive);
    pages.stream().mapToObj(archive.content().pages()::get).forEach(this::expect);
    Workers workers = new Workers(spawner, threads);
    try {
      WindowWriter writer = new WindowWriter(blocks, destination, workers, spawner);
      new Planner(selection, destination, writer, sizes)
          .run(new PageReader(blocks, archive, pages));
    } catch (RestoreStopped e) {
      throw e.unwrap();
    } finally {
      workers.close();
      List.copyOf(destination.unfinished()).forEach(RestoredFile::discard);
    }
  }

  private void expect(PageStart page) {
    progress.expect(page.entries(), page.bytes());
  }

  /// Opens the target.
  public interface Opening {
    TargetTree open() throws FileAccessException, RefusedException;
  }
}
