package org.holdfast.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A bug that leads to an incident, and the scenario that must fail with it.
///
/// @param name what is wrong
/// @param incident which one: a folder of `incidents`
/// @param scenario the main class that plays it, in a folder that is its first word
/// @param words its other ones
/// @param seen what it says when it fails
public record PlantedIncident(
    String name,
    String incident,
    String scenario,
    List<String> words,
    PlantedChange change,
    String seen) {
  /// Those of the incident that `-Dincident` names; all without it.
  public static List<PlantedIncident> wanted(List<PlantedIncident> all) {
    String wanted = System.getProperty("incident", "");
    assertThat(Path.of("../incidents", wanted)).as("-Dincident").isDirectory();
    return all.stream().filter(each -> wanted.isEmpty() || each.incident.equals(wanted)).toList();
  }

  /// That its place is where it was, and that there it can be.
  public void plant(Path classes) throws IOException {
    PlantedChange.plant(List.of(change), classes);
  }

  public void fails(Path folder) throws IOException {
    Path classes = folder.resolve("classes");
    plant(classes);
    List<String> all =
        new ArrayList<>(List.of(Files.createDirectories(folder.resolve("play")).toString()));
    all.addAll(words);
    PlantedChange.Outcome outcome = PlantedChange.run(classes, List.of("-Xmx1g"), scenario, all);
    System.out.println(
        name + ": " + outcome.output().lines().filter(each -> each.contains("FAILS")).toList());
    assertThat(outcome.code()).as(outcome.output()).isEqualTo(1);
    assertThat(outcome.output()).contains("FAILS: ").contains(seen);
  }

  @Override
  public String toString() {
    return name;
  }
}
