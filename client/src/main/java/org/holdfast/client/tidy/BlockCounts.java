package org.holdfast.client.tidy;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.holdfast.client.catalog.NameCounts;
import org.holdfast.client.catalog.UnreadableArchive;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Invariant;

/// What archives share: of each page how many archives have it, of each chunk how many pages.
///
/// - `pages` counts the archives whose roots are in `roots`, all of them and each once.
/// - `chunks` counts the pages that `pages` has, all of them and each once.
///
/// So an archive that comes costs its pages that no other has, and one that goes those that no
/// other is left to have; the references of a page are read only then. A method that throws leaves
/// counts that mean nothing: they are not to be used or kept.
///
/// One thread.
final class BlockCounts {
  /// Pages fetched at a time; their references are counted as they come.
  private static final int PAGES_AT_ONCE = 4096;

  /// Names of pages that are held at a time, unless one archive has more: some 6 MB.
  private static final int NAMES_AT_ONCE = 1 << 16;

  private final Set<BlockName> roots;
  private final NameCounts pages;
  private final NameCounts chunks;

  BlockCounts() {
    this(Set.of(), new NameCounts(), new NameCounts());
  }

  BlockCounts(Set<BlockName> roots, NameCounts pages, NameCounts chunks) {
    this.roots = new HashSet<>(roots);
    this.pages = pages;
    this.chunks = chunks;
  }

  /// The archives that are counted.
  Set<BlockName> roots() {
    return roots;
  }

  NameCounts pages() {
    return pages;
  }

  NameCounts chunks() {
    return chunks;
  }

  /// Whether these can be brought up to those archives: none is counted that is not among them.
  boolean fits(Collection<TidyArchive> archives) {
    Set<BlockName> there = new HashSet<>();
    archives.forEach(each -> there.add(each.root()));
    return there.containsAll(roots);
  }

  /// Counts those of the archives that are not counted yet. Answers whether there were any.
  ///
  /// Throws [CorruptException], which names all archives that it is about, if pages that must be
  /// counted cannot be read.
  boolean add(Collection<TidyArchive> archives, TidyCatalog catalog, TidyProgress progress)
      throws HoldfastException {
    Invariant.check(fits(archives), "nothing is counted that has gone");
    List<TidyArchive> more =
        archives.stream().filter(each -> !roots.contains(each.root())).toList();
    progress.archives(more.size());
    Map<BlockName, String> bad = new HashMap<>();
    List<UnreadableArchive> lost = new ArrayList<>();
    for (List<TidyArchive> some : batches(more)) {
      List<List<BlockName>> all = catalog.pages(some);
      List<BlockName> fresh =
          all.stream().flatMap(List::stream).filter(page -> pages.add(page) == 1).toList();
      read(fresh, catalog, progress, names -> names.forEach(chunks::add), bad::put);
      for (int i = 0; i < some.size(); i++) {
        TidyArchive archive = some.get(i);
        all.get(i).stream()
            .filter(bad::containsKey)
            .findFirst()
            .ifPresent(page -> lost.add(archive.unreadable("a page of it: " + bad.get(page))));
        roots.add(archive.root());
        progress.archive();
      }
    }
    if (!lost.isEmpty()) {
      throw TidyList.notCounted(lost);
    }
    return !more.isEmpty();
  }

  /// Takes archives out of the counts, and hands on what nobody uses any more: the roots, their
  /// pages and chunks, each once. Runs' keys are not among it, as other archives may need them.
  void remove(
      Collection<TidyArchive> archives, TidyCatalog catalog, TidyProgress progress, Unused unused)
      throws HoldfastException {
    for (TidyArchive archive : archives) {
      if (!roots.remove(archive.root())) {
        throw new CorruptException("archive " + archive.id() + " is not counted: run it again");
      }
    }
    for (List<TidyArchive> some : batches(archives)) {
      List<List<BlockName>> all = catalog.pages(some);
      Map<BlockName, TidyArchive> last = new LinkedHashMap<>();
      for (int i = 0; i < some.size(); i++) {
        for (BlockName page : all.get(i)) {
          if (pages.subtract(page) == 0) {
            last.put(page, some.get(i));
          }
        }
      }
      read(
          List.copyOf(last.keySet()),
          catalog,
          progress,
          names -> {
            for (BlockName chunk : names) {
              if (chunks.subtract(chunk) == 0) {
                unused.block(BlockClass.CHUNK, chunk);
              }
            }
          },
          (page, reason) -> {
            UnreadableArchive lost =
                last.getOrDefault(page, some.getFirst()).unreadable("a page of it: " + reason);
            throw TidyList.notCounted(List.of(lost));
          });
      for (BlockName page : last.keySet()) {
        unused.block(BlockClass.PAGE, page);
      }
      for (TidyArchive archive : some) {
        unused.block(BlockClass.ROOT, archive.root());
      }
    }
  }

  /// Hands on what is known of archives that are not counted, and that nothing which is counted
  /// uses: each once. With all that is there counted but these, nobody uses it. What a page uses
  /// that cannot be read is not known, and is left where it is.
  void giveUp(
      Collection<TidyArchive> archives, TidyCatalog catalog, TidyProgress progress, Unused unused)
      throws HoldfastException {
    NameCounts gone = new NameCounts();
    for (TidyArchive archive : archives) {
      Invariant.check(!roots.contains(archive.root()), "what is counted is not given up");
      List<BlockName> last =
          catalog.pages(List.of(archive)).getFirst().stream()
              .filter(page -> pages.count(page) == 0 && gone.add(page) == 1)
              .toList();
      read(
          last,
          catalog,
          progress,
          names -> {
            for (BlockName chunk : names) {
              if (chunks.count(chunk) == 0 && gone.add(chunk) == 1) {
                unused.block(BlockClass.CHUNK, chunk);
              }
            }
          },
          (_, _) -> {});
      for (BlockName page : last) {
        unused.block(BlockClass.PAGE, page);
      }
      unused.block(BlockClass.ROOT, archive.root());
    }
  }

  /// Archives whose roots are fetched at once.
  private static List<List<TidyArchive>> batches(Collection<TidyArchive> archives) {
    List<List<TidyArchive>> batches = new ArrayList<>();
    long names = 0;
    for (TidyArchive archive : archives) {
      names += archive.pages();
      if (batches.isEmpty() || names > NAMES_AT_ONCE) {
        batches.add(new ArrayList<>());
        names = archive.pages();
      }
      batches.getLast().add(archive);
    }
    return batches;
  }

  private static void read(
      List<BlockName> pages,
      TidyCatalog catalog,
      TidyProgress progress,
      TidyCatalog.ChunkNames sink,
      TidyCatalog.BadPage bad)
      throws HoldfastException {
    for (int from = 0; from < pages.size(); from += PAGES_AT_ONCE) {
      List<BlockName> some = pages.subList(from, Math.min(pages.size(), from + PAGES_AT_ONCE));
      catalog.chunks(
          some,
          names -> {
            sink.page(names);
            progress.page();
          },
          bad);
    }
  }

  /// Takes in what nobody uses any more.
  interface Unused {
    void block(BlockClass blockClass, BlockName name) throws HoldfastException;
  }
}
