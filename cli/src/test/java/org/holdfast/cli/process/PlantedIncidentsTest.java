package org.holdfast.cli.process;

import java.nio.file.Path;
import java.util.List;
import org.holdfast.core.PlantedIncident;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What [PlantedIncidents] plants has its place, so that it can be run any day.
final class PlantedIncidentsTest {
  @TempDir Path folder;

  @ParameterizedTest
  @MethodSource
  void canBePlanted(PlantedIncident bug) throws Exception {
    bug.plant(folder);
  }

  static List<PlantedIncident> canBePlanted() {
    return PlantedIncidents.all();
  }
}
