package org.holdfast.sim;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.holdfast.client.catalog.ArchiveInfo;
import org.holdfast.client.catalog.ArchiveList;
import org.holdfast.client.tree.SourceTree;

/// What one machine was promised: plain lists, beside the code that keeps the promise.
final class Model {
  private final List<Attempt> attempts = new ArrayList<>();
  private long acknowledgedRecord;

  /// A backup begins of the tree as it is.
  Attempt attempt(String name, SourceTree tree) {
    Attempt attempt = new Attempt(name, tree);
    attempts.add(attempt);
    return attempt;
  }

  /// What a server that owns the log must show from here on: all that was acknowledged, and what
  /// was seen once.
  Set<String> known() {
    return attempts.stream()
        .filter(attempt -> attempt.acknowledged || attempt.seen)
        .map(attempt -> attempt.name)
        .collect(Collectors.toSet());
  }

  /// Checks a listing, and answers what each archive in it holds.
  ///
  /// - All of `required` is there: what was [#known] before the listing was asked for, or nothing
  ///   if the server was replaced, and knows no more than it did then.
  /// - Nothing is there that nobody asked for, and nothing twice.
  /// - Nothing is unreadable unless objects may be missing or damaged at the moment (`mayDamage`).
  Map<ArchiveInfo, SourceTree> check(ArchiveList list, Set<String> required, boolean mayDamage)
      throws Violation {
    int unreadable = list.unreadable().size();
    boolean complains = unreadable > 0 || !list.warnings().isEmpty() || !list.holes().isEmpty();
    if (!mayDamage && complains) {
      throw new Violation(
          "the listing complains: " + list.unreadable() + list.warnings() + list.holes());
    }
    Map<ArchiveInfo, SourceTree> found = new LinkedHashMap<>();
    Map<String, ArchiveInfo> byName = new LinkedHashMap<>();
    for (ArchiveInfo info : list.archives()) {
      if (byName.put(info.name(), info) != null) {
        throw new Violation("archive " + info.name() + " is there twice");
      }
    }
    for (Attempt attempt : attempts) {
      ArchiveInfo info = byName.remove(attempt.name);
      if (info == null && required.contains(attempt.name) && --unreadable < 0) {
        throw new Violation(
            "archive %s is gone, which was %s"
                .formatted(attempt.name, attempt.acknowledged ? "acknowledged" : "listed"));
      }
      if (info != null) {
        attempt.seen = true;
        found.put(info, attempt.tree);
      }
    }
    if (!byName.isEmpty()) {
      throw new Violation("nobody made archives " + byName.keySet());
    }
    return found;
  }

  /// Up to this record, what the machine has committed is known to whoever owns the log.
  long acknowledgedRecord() {
    return acknowledgedRecord;
  }

  int acknowledged() {
    return (int) attempts.stream().filter(attempt -> attempt.acknowledged).count();
  }

  /// A backup that may or may not have come to something.
  final class Attempt {
    private final String name;
    private final SourceTree tree;
    private boolean acknowledged;
    private boolean seen;

    Attempt(String name, SourceTree tree) {
      this.name = name;
      this.tree = tree;
    }

    /// `record` is its commit.
    void acknowledge(long record) {
      acknowledged = true;
      acknowledgedRecord = Math.max(acknowledgedRecord, record);
    }
  }
}
