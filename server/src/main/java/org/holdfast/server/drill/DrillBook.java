package org.holdfast.server.drill;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.holdfast.core.RefusedException;
import org.holdfast.server.journal.Journal;

/// The results of drills, in the file `drills` of the state folder, a line each.
///
/// Any thread, and any process.
public final class DrillBook {
  private static final String NAME = "drills";

  /// Some hundreds of drills.
  private static final int LENGTH_MAX = 64 << 10;

  private final Journal journal;

  public DrillBook(Path folder) {
    this.journal = new Journal(folder.resolve(NAME), LENGTH_MAX);
  }

  public void add(DrillRecord record) throws RefusedException {
    journal.add(record.text());
  }

  /// The newest last.
  public List<DrillRecord> all() throws RefusedException {
    return journal.lines().stream().map(DrillRecord::of).flatMap(Optional::stream).toList();
  }
}
