package org.holdfast.server;

import java.nio.file.Path;
import java.util.List;
import org.holdfast.core.PlantedChange;
import org.holdfast.core.PlantedIncident;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The incidents happen again with the bugs that led to them. Its name keeps it out of the tests;
/// `incidents/NAME/run --planted` asks for it.
final class PlantedIncidents {
  @TempDir Path folder;

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("wanted")
  void theScenarioFails(PlantedIncident bug) throws Exception {
    bug.fails(folder);
  }

  static List<PlantedIncident> wanted() {
    return PlantedIncident.wanted(all());
  }

  static List<PlantedIncident> all() {
    return List.of(
        memory(
            "background work starves",
            "shard/Turns.java",
            "(clients.isEmpty() || passedBytes >= due(first))",
            "clients.isEmpty()",
            "background work starves"),
        memory(
            "memory is counted by run, and not by job",
            "shard/BackgroundMemory.java",
            "Share share = share(job);",
            "Share share = new Share(JOB_BYTES);",
            "a job that reconnects holds"),
        memory(
            "dropped work is kept",
            "shard/ShardService.java",
            "gone.set(true);\n        dropGone();",
            "gone.set(false);",
            "pieces of dropped background work are kept"),
        disk(
            "a block is freed again and again",
            "shard/Deletes.java",
            "state.garbage(id, kind, name, copy.stored());",
            "Optional.of(new BlockRow(copy.stored(), 0, copy.length(), 0, 0, 1, 1, 0));",
            "2016-disk: "),
        disk(
            "reports without end",
            "shard/StateFolder.java",
            "DEFECTS_MAX = 8",
            "DEFECTS_MAX = 1 << 30",
            "the state folder grows"),
        disk(
            "an index is thrown away for want of room",
            "index/RocksIndex.java",
            "if (isNoSpace(e)) {",
            "if (isNoSpace(e) && folder.getNameCount() == 0) {",
            "2016-disk: "),
        disk(
            "a full disk is written to",
            "shard/Obstacles.java",
            ".map(full -> new UnavailableException(full, DISK_RETRY_MILLIS));",
            ".filter(full -> full.isEmpty())\n"
                + "        .map(full -> new UnavailableException(full, DISK_RETRY_MILLIS));",
            "backups are taken on a disk that is nearly full"));
  }

  private static PlantedIncident memory(
      String name, String file, String before, String after, String seen) {
    return of(name, "2011-memory", Overload.class, file, before, after, seen);
  }

  private static PlantedIncident disk(
      String name, String file, String before, String after, String seen) {
    return of(name, "2016-disk", FailingWeek.class, file, before, after, seen);
  }

  private static PlantedIncident of(
      String name,
      String incident,
      Class<?> scenario,
      String file,
      String before,
      String after,
      String seen) {
    return new PlantedIncident(
        name,
        incident,
        scenario.getName(),
        List.of("4"),
        new PlantedChange("server/src/main/java/org/holdfast/server/" + file, before, after),
        seen);
  }
}
