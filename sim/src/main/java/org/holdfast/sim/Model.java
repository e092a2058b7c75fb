package org.holdfast.sim;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.holdfast.client.catalog.ArchiveInfo;
import org.holdfast.client.catalog.ArchiveList;
import org.holdfast.client.catalog.UnreadableArchive;
import org.holdfast.client.tree.SourceTree;
import org.holdfast.core.BlockName;
import org.holdfast.core.MachineId;
import org.jspecify.annotations.Nullable;

/// What one machine was promised: plain lists, beside the code that keeps the promise.
final class Model {
  private final List<Attempt> attempts = new ArrayList<>();
  private final Set<BlockName> deletable = new HashSet<>();
  private int deletionsOfAll;
  private long acknowledgedRecord;

  /// A backup begins of the tree as it is.
  Attempt attempt(String name, SourceTree tree) {
    Attempt attempt = new Attempt(name, tree);
    attempts.add(attempt);
    return attempt;
  }

  /// What a server that owns the log must show from here on, and what it must not: of all that was
  /// acknowledged, and what was seen once, what was not deleted, or what was. What is in the bucket
  /// and was acknowledged to nobody its owner may not know yet.
  Known known(Ledger ledger, MachineId machine) throws Violation {
    Map<String, Long> shown = new HashMap<>();
    Map<String, Long> hidden = new HashMap<>();
    for (Attempt attempt : attempts) {
      BlockName root = attempt.root;
      if (root == null || (!attempt.acknowledged && !attempt.seen)) {
        continue;
      }
      Ledger.Archive archive = new Ledger.Archive(machine, root);
      long changed = ledger.changed(archive);
      if (ledger.deleted().containsKey(archive) && changed > acknowledgedRecord) {
        continue;
      }
      boolean isVisible = ledger.blocks().isVisible(archive.block());
      (isVisible ? shown : hidden).put(attempt.name, changed);
    }
    return new Known(shown, hidden);
  }

  /// Somebody is about to delete an archive.
  void mayDelete(BlockName root) {
    deletable.add(root);
  }

  /// Somebody is about to delete everything, or did not hear whether it was.
  void mayDeleteAll() {
    deletionsOfAll++;
  }

  /// It was: what is deleted by now is all.
  void hasDeletedAll(Ledger ledger, MachineId machine) throws Violation {
    deletionsOfAll--;
    for (Ledger.Archive archive : ledger.deleted().keySet()) {
      if (archive.machine().equals(machine)) {
        deletable.add(archive.root());
      }
    }
  }

  /// Throws if an archive was deleted that nobody wanted to delete.
  void checkDeleted(Ledger ledger, MachineId machine) throws Violation {
    for (Ledger.Archive archive : ledger.deleted().keySet()) {
      boolean isWanted = deletionsOfAll > 0 || deletable.contains(archive.root());
      if (archive.machine().equals(machine) && !isWanted) {
        throw new Violation("nobody has deleted " + archive);
      }
    }
  }

  /// Up to this record, whoever owns the log knows what the machine has done.
  void acknowledge(long record) {
    acknowledgedRecord = Math.max(acknowledgedRecord, record);
  }

  /// Checks a listing, and answers what each archive in it holds.
  ///
  /// - All is there that must be shown, and nothing that must not: what was [#known] before the
  ///   listing was asked for, and still is, or nothing if the server was replaced, and knows no
  ///   more than it did then.
  /// - Nothing is there that nobody asked for, and nothing twice.
  /// - It complains of nothing but deletions that are in the log, and archives that cannot be read.
  ///   Whether they may not is for the caller to say.
  Map<ArchiveInfo, SourceTree> check(ArchiveList list, Known known, Complaints complaints)
      throws Violation {
    checkDeleted(complaints.ledger(), complaints.machine());
    complaints.check(list.warnings(), list.holes(), list.unreadable().size());
    Set<BlockName> unreadable =
        list.unreadable().stream().map(UnreadableArchive::root).collect(Collectors.toSet());
    Map<ArchiveInfo, SourceTree> found = new LinkedHashMap<>();
    Map<String, ArchiveInfo> byName = new LinkedHashMap<>();
    for (ArchiveInfo info : list.archives()) {
      if (byName.put(info.name(), info) != null) {
        throw new Violation("archive " + info.name() + " is there twice");
      }
    }
    for (Attempt attempt : attempts) {
      ArchiveInfo info = byName.remove(attempt.name);
      if (info == null
          && known.shown.containsKey(attempt.name)
          && (attempt.root == null || !unreadable.contains(attempt.root))) {
        throw new Violation(
            "archive %s is gone, which was %s"
                .formatted(attempt.name, attempt.acknowledged ? "acknowledged" : "listed"));
      }
      if (info != null && known.hidden.containsKey(attempt.name)) {
        throw new Violation("archive " + attempt.name + " is shown, which was deleted");
      }
      if (info != null) {
        attempt.seen = true;
        attempt.root = info.root();
        found.put(info, attempt.tree);
      }
    }
    if (!byName.isEmpty()) {
      throw new Violation("nobody made archives " + byName.keySet());
    }
    return found;
  }

  /// What an archive must not need.
  Set<Ledger.Block> mustNotNeed(BlockName root) {
    return attempts.stream()
        .filter(attempt -> root.equals(attempt.root))
        .flatMap(attempt -> attempt.lost.stream())
        .collect(Collectors.toSet());
  }

  /// Up to this record, what the machine has committed is known to whoever owns the log.
  long acknowledgedRecord() {
    return acknowledgedRecord;
  }

  int acknowledged() {
    return (int) attempts.stream().filter(attempt -> attempt.acknowledged).count();
  }

  /// What must be shown, and what must not, by the names of archives, with the record since which
  /// that is so.
  record Known(Map<String, Long> shown, Map<String, Long> hidden) {
    static final Known NOTHING = new Known(Map.of(), Map.of());

    /// What holds before, after, and in between.
    Known and(Known later) {
      Map<String, Long> bothShown = new HashMap<>(shown);
      bothShown.entrySet().retainAll(later.shown.entrySet());
      Map<String, Long> bothHidden = new HashMap<>(hidden);
      bothHidden.entrySet().retainAll(later.hidden.entrySet());
      return new Known(bothShown, bothHidden);
    }
  }

  /// A backup that may or may not have come to something.
  final class Attempt {
    private final String name;
    private final SourceTree tree;
    private boolean acknowledged;
    private boolean seen;
    private @Nullable BlockName root;
    private Set<Ledger.Block> lost = Set.of();

    Attempt(String name, SourceTree tree) {
      this.name = name;
      this.tree = tree;
    }

    /// `record` is its commit, `mustNotNeed` what it must not rely on.
    void acknowledge(BlockName made, long record, Set<Ledger.Block> mustNotNeed) {
      lost = mustNotNeed;
      acknowledged = true;
      root = made;
      acknowledgedRecord = Math.max(acknowledgedRecord, record);
    }
  }
}
