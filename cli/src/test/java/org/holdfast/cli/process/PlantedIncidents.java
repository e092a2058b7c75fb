package org.holdfast.cli.process;

import java.nio.file.Path;
import java.util.List;
import org.holdfast.core.PlantedChange;
import org.holdfast.core.PlantedIncident;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The incidents happen again to a server process with the bugs that lead to them. Its name keeps
/// it out of the tests; `incidents/NAME/run --planted` asks for it.
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
            "blocks that are stored are kept",
            "    connection.giveBack(leasedBytes);\n    if (failure == null) {",
            "    connection.giveBack(leasedBytes);\n"
                + "    System.getProperties().put(new Object(), new byte[leasedBytes]);\n"
                + "    if (failure == null) {",
            "something is kept"),
        memory(
            "memory of dropped blocks stays taken",
            "    connection.giveBack(leasedBytes);\n    if (failure == null) {",
            "    if (failure == null && !over) {\n      connection.giveBack(leasedBytes);\n    }\n"
                + "    if (failure == null) {",
            "memory is gone: "),
        power(
            "what a crash has left is taken for what was there",
            "shard/ShardStart.java",
            "(clean || trusts || isProven(index))",
            "true",
            "2012-power: "),
        power(
            "an index that cannot be opened stops the start",
            "shard/ShardStart.java",
            "      listener.discarded(e.getMessage());\n      return Optional.empty();",
            "      throw e;",
            "cannot be opened"),
        power(
            "what is in the wrong place stops the start",
            "shard/StateFolder.java",
            "        dropMisplaced(folder);\n",
            "        Files.size(folder);\n",
            "cannot be used"),
        // The largest number of what was there before a resume is lost.
        instance(
            "a resume forgets what was read",
            "recovery/HeaderSpool.java",
            "        note(reader.header(id, window.read(at + FRAME_LENGTH, length)), at +"
                + " FRAME_LENGTH);\n",
            "        reader.header(id, window.read(at + FRAME_LENGTH, length));\n"
                + "        places.put(id, new Place(id, at + FRAME_LENGTH, length, true));\n",
            "what was read before counts"),
        // A machine is known from its last registration on, not from its first.
        instance(
            "a move is a birth",
            "state/ShardState.java",
            "machines.put(made.machine(), machine.withAccount(made.to()));",
            "machines.put(made.machine(), MachineRow.registered(number, made.to(),"
                + " machine.invite(), machine.name(), machine.keys()));",
            "2023-instance: "),
        instance(
            "an override is not kept",
            "Rebuild.java",
            "state.addOverrides(overridden);",
            "overridden.size();",
            "overrides"),
        instance(
            "one override is for all checks",
            "Overrides.java",
            "return allowed.contains(check);",
            "return !allowed.isEmpty();",
            "the check that stops is not that one"));
  }

  private static PlantedIncident memory(String name, String before, String after, String seen) {
    String file = "session/ServerSession.java";
    return of(name, "2011-memory", ServeOverload.class, "70", file, before, after, seen);
  }

  private static PlantedIncident power(
      String name, String file, String before, String after, String seen) {
    return of(name, "2012-power", PowerCut.class, "1", file, before, after, seen);
  }

  private static PlantedIncident instance(
      String name, String file, String before, String after, String seen) {
    return of(name, "2023-instance", LostInstance.class, "1", file, before, after, seen);
  }

  private static PlantedIncident of(
      String name,
      String incident,
      Class<?> scenario,
      String seconds,
      String file,
      String before,
      String after,
      String seen) {
    return new PlantedIncident(
        name,
        incident,
        scenario.getName(),
        List.of(seconds),
        new PlantedChange("server/src/main/java/org/holdfast/server/" + file, before, after),
        seen);
  }
}
