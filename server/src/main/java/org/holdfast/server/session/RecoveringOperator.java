package org.holdfast.server.session;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.UnavailableException;

/// The operator's commands of a server that recovers: `status` alone.
public final class RecoveringOperator implements OperatorSocket.Commands {
  private final Sessions sessions;
  private final Supplier<Report> report;

  public RecoveringOperator(Sessions sessions, Supplier<Report> report) {
    this.sessions = sessions;
    this.report = report;
  }

  @Override
  public String run(List<String> words) throws HoldfastException {
    Report now = report.get();
    if (!words.equals(List.of("status"))) {
      throw new UnavailableException(
          "this server is being recovered ("
              + now.line
              + "): it answers `status` alone, try later");
    }
    StringBuilder lines = new StringBuilder();
    add(lines, "role", "recovering");
    add(lines, "sessions", sessions.count());
    add(lines, "backups", "stopped");
    add(lines, "obstacle", "this server is being recovered: " + now.line);
    add(lines, "recovering_step", now.step);
    add(lines, "recovering_done", now.done);
    add(lines, "recovering_all", now.all);
    now.leftMillis.ifPresent(left -> add(lines, "recovering_left_seconds", (left + 999) / 1000));
    now.machines.ifPresent(machines -> {
      add(lines, "recovering_machines_complete", machines.complete);
      add(lines, "recovering_machines", machines.all);
    });
    return lines.toString();
  }

  private static void add(StringBuilder lines, String name, Object value) {
    lines.append(name).append(' ').append(value).append('\n');
  }

  /// How far a server is that recovers.
  ///
  /// @param line for a person
  /// @param done of what the step does
  /// @param leftMillis how long the step will still take, if that can be told
  /// @param machines which are complete, once that can be asked
  public record Report(
      String line,
      String step,
      long done,
      long all,
      Optional<Long> leftMillis,
      Optional<Machines> machines) {}

  /// Machines that have blocks.
  public record Machines(int complete, int all) {}
}
