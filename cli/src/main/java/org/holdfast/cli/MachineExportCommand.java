package org.holdfast.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.holdfast.bucket.Bucket;
import org.holdfast.cli.console.ExitCode;
import org.holdfast.cli.console.Failure;
import org.holdfast.cli.console.Failures;
import org.holdfast.cli.console.JsonLine;
import org.holdfast.cli.console.JsonOption;
import org.holdfast.cli.console.Output;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.cli.console.Ticker;
import org.holdfast.core.HoldfastException;
import org.holdfast.server.Server;
import org.holdfast.server.ServerConfig;
import org.holdfast.server.Service;
import org.holdfast.server.export.ExportProgress;
import org.holdfast.server.export.ExportReport;
import org.holdfast.server.export.MachineExport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Writes what one machine's restore needs into a folder.
@Command(
    name = "export",
    description = "Write all that one machine's restore needs into a folder: for a disk by post.",
    footer = {
      "",
      "Reads the bucket with the server's config and secrets file, and changes nothing there: the"
          + " server may run, or be gone. The folder says nothing of other machines. Its owner"
          + " restores from it with a key file that can read, and no server. Exit code 1 if"
          + " something could not be read; all else is there then.",
      "",
      "Examples:",
      "  holdfast machine export web1 --to /mnt/disk/web1 --config server.conf",
      "  holdfast restore latest --from-bucket dir:/mnt/disk/web1 --target /tmp/back"
    })
final class MachineExportCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Mixin private final ServerOptions options;
  @Mixin private final Output output;
  @Mixin private final JsonOption json = new JsonOption();

  @Parameters(
      paramLabel = "MACHINE",
      description = "The machine's name, or 4 or more digits of its id.")
  private String machine = "";

  @Option(
      names = "--to",
      required = true,
      paramLabel = "DIR",
      description = "Where to; an empty folder, or none yet.")
  private String target = "";

  MachineExportCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
    this.options = new ServerOptions(surroundings);
    this.output = new Output(surroundings.terminal());
  }

  @Override
  public Integer call() throws HoldfastException, Failure {
    ServerConfig config = options.read();
    Path to = Path.of(target).toAbsolutePath().normalize();
    Service.Terms terms =
        Server.reading(config, surroundings.clock(), surroundings.spawner(), surroundings.random());
    ExportProgress progress = new ExportProgress();
    MachineExport export = new MachineExport(terms, config.state().resolve("export"), progress);
    surroundings.whenStopped(export::stop);
    ExportReport report;
    try (Bucket _ = terms.bucket()) {
      report = run(export, progress, to);
    } catch (HoldfastException e) {
      throw surroundings.signals().isStopped()
          ? new Failure(ExitCode.INTERRUPTED, "interrupted" + left(export, to), e)
          : new Failure(Failures.exitCode(e), e.getMessage() + left(export, to), e);
    }
    report.damaged().forEach(output::warn);
    if (json.isWanted()) {
      output.terminal().print(json(report));
    } else if (!output.isQuiet()) {
      output.terminal().print(text(report));
    }
    if (!report.isComplete()) {
      output.warn(
          "holdfast: the export is not complete: %d blocks could not be read. Restores from it name"
                  .formatted(report.blocksLost())
              + " what needs them, and restore the rest; put the objects back and export again"
              + " into another folder for all of it");
    }
    return report.isComplete() ? ExitCode.DONE : ExitCode.FAILED;
  }

  private ExportReport run(MachineExport export, ExportProgress progress, Path to)
      throws HoldfastException {
    ExportLines lines = new ExportLines(progress, surroundings.clock());
    try (Ticker _ = Ticker.start(surroundings, output, json.isWanted(), lines)) {
      return export.run(machine, to);
    }
  }

  private static String left(MachineExport export, Path to) {
    return export.hasLeftSomething()
        ? "; what is in " + to + " is no export: delete it before you repeat the command"
        : "";
  }

  private static String text(ExportReport report) {
    return "exported  %s (%s): %d archives, %d blocks, %s in %.2f s"
        .formatted(
            Failures.oneLine(report.name()),
            report.machine(),
            report.archives(),
            report.blocks(),
            Failures.bytes(report.bytes()),
            report.millis() / 1000.0);
  }

  private static String json(ExportReport report) {
    return new JsonLine("summary")
        .with("machine", report.machine().toString())
        .with("name", report.name())
        .with("archives", report.archives())
        .with("blocks", report.blocks())
        .with("bytes", report.bytes())
        .with("objects", report.objects())
        .with("damaged_objects", report.damaged().size())
        .with("blocks_lost", report.blocksLost())
        .with("duration_millis", report.millis())
        .end();
  }
}
