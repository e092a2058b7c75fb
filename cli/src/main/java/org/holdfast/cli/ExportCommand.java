package org.holdfast.cli;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.Callable;
import org.holdfast.cli.console.Counted;
import org.holdfast.cli.console.ExitCode;
import org.holdfast.cli.console.Failure;
import org.holdfast.cli.console.Output;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.client.catalog.ArchivePart;
import org.holdfast.client.tar.TarExport;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// Writes an archive as a tar stream.
@Command(
    name = "export",
    description = "Write an archive, or what is below a path in it, to standard output as tar.",
    footer = {
      "",
      "The stream is POSIX's (pax), with attributes, holes, nanoseconds and hard links as GNU tar"
          + " and bsdtar read them. Bytes that are lost are zeros; they are told of, and the exit"
          + " code is 1.",
      "",
      "Examples:",
      "  holdfast export latest | zstd > latest.tar.zst",
      "  holdfast export latest:/etc | ssh other tar -xpC /tmp --xattrs"
    })
final class ExportCommand implements Callable<Integer> {
  private static final int BUFFER_BYTES = 256 << 10;

  private final Surroundings surroundings;

  @Mixin private final KeyOptions keys;
  @Mixin private final Output output;
  @Mixin private final SourceOption source;

  @Parameters(paramLabel = "ARCHIVE[:PATH]", description = "Which archive, and what in it.")
  private String archive = "";

  ExportCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
    this.keys = new KeyOptions(surroundings);
    this.output = new Output(surroundings.terminal());
    this.source = new SourceOption(surroundings, output);
  }

  @Override
  public Integer call() throws HoldfastException, IOException, Failure {
    if (output.terminal().showsData()) {
      throw new RefusedException(
          "a tar stream is nothing for a terminal: put > FILE or | COMMAND behind it");
    }
    boolean[] isWhole = {true};
    try (ArchiveReading reading = ArchiveReading.open(surroundings, keys, source, output);
        OutputStream out = new BufferedOutputStream(output.terminal().data(), BUFFER_BYTES)) {
      ArchivePart part = reading.list().resolve(archive);
      long entries =
          new TarExport(
                  reading.catalog().blocks(),
                  reading.catalog().read(part.archive()),
                  part.path(),
                  out,
                  line -> {
                    isWhole[0] = false;
                    output.warn(line);
                  })
              .write();
      if (entries == 0 && isWhole[0]) {
        throw new RefusedException(
            "there is no such path in archive %s: `holdfast ls %s` lists what is there"
                .formatted(part.archive().name(), part.archive().id()));
      }
      output.detail("wrote " + Counted.of(entries, "entry", "entries"));
    }
    return isWhole[0] ? ExitCode.DONE : ExitCode.FAILED;
  }
}
