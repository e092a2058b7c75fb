package org.holdfast.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/// One run of a program over a corpus: it makes its repository, then each [Stage] in turn; what it
/// restores is compared with the source. Before each stage the source is in the page cache and
/// nothing waits to be written to the disk.
final class Trial {
  private final Path folder;
  private final Path source;
  private final Set<Stage> wanted;
  private final Attic attic;
  private final Path log;

  Trial(Path folder, Path source, Set<Stage> wanted, Attic attic, Path log) {
    this.folder = folder;
    this.source = source;
    this.wanted = wanted;
    this.attic = attic;
    this.log = log;
  }

  Report.Run run(int round, Programs.Setup setup) throws IOException, InterruptedException {
    Contender contender = setup.contender();
    Command command = new Command(contender.environment(), log);
    for (List<String> init : contender.init()) {
      command.run(folder, init);
    }
    Service service = setup.service();
    Map<Stage, Figures> figures = new EnumMap<>(Stage.class);
    Folders.Size stored = new Folders.Size(0, 0);
    TreeChange change = null;
    try {
      for (Stage stage : wanted) {
        List<String> words = contender.stages().get(stage);
        if (words == null) {
          continue;
        }
        if (stage == Stage.CHANGED) {
          change = TreeChange.of(source);
        }
        Path restored = Contender.restored(folder);
        attic.take(restored);
        Files.createDirectories(restored);
        settle();
        Path where = stage.restores() ? restored : folder;
        figures.put(stage, Figures.of(service, () -> command.run(where, words)));
        if (stage == Stage.FIRST) {
          stored = Folders.size(contender.repository());
        }
        check(stage, restored);
      }
    } finally {
      if (change != null) {
        change.close();
      }
    }
    OptionalLong peak = service == null ? OptionalLong.empty() : service.peakBytes();
    return new Report.Run(round, figures, stored, peak);
  }

  private void check(Stage stage, Path restored) throws IOException {
    if (stage == Stage.RESTORE) {
      Folders.compare(source, restored.resolve(source.getRoot().relativize(source).toString()));
    }
    if (stage == Stage.ONE && Folders.size(restored).files() != 1) {
      throw new IOException(restored + " does not hold the one file that was asked for");
    }
  }

  /// So that a step pays for what it does itself.
  private void settle() throws IOException, InterruptedException {
    new Command(Map.of(), log).run(folder, List.of("sync"));
    Folders.warm(source);
  }
}
