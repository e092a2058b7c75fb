package org.holdfast.cli;

import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.holdfast.cli.console.ExitCode;
import org.holdfast.cli.console.Failure;
import org.holdfast.cli.console.Failures;
import org.holdfast.cli.console.JsonLine;
import org.holdfast.cli.console.JsonOption;
import org.holdfast.cli.console.Output;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.cli.link.Link;
import org.holdfast.cli.link.Links;
import org.holdfast.client.catalog.ArchiveInfo;
import org.holdfast.client.catalog.ArchiveList;
import org.holdfast.client.catalog.Catalog;
import org.holdfast.client.tree.PathText;
import org.holdfast.core.HoldfastException;
import org.holdfast.seal.KeyFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// Lists a machine's archives.
@Command(
    name = "archives",
    description = "List this machine's archives, the newest last.",
    footer = {
      "",
      "An archive is chosen by name, by `latest` or `latest~N`, or by 4 or more digits of its id.",
      "",
      "Example:",
      "  holdfast archives --json"
    })
final class ArchivesCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Mixin private final KeyOptions keys;
  @Mixin private final Output output;
  @Mixin private final JsonOption json = new JsonOption();

  ArchivesCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
    this.keys = new KeyOptions(surroundings);
    this.output = new Output(surroundings.terminal());
  }

  @Override
  public Integer call() throws HoldfastException, Failure {
    KeyFile keyFile = keys.open();
    keyFile.keys().read();
    ArchiveList list;
    try (Link link = new Links(surroundings).read(keyFile, keys.cacheFolder());
        Catalog catalog = Catalog.open(link.session(), keyFile)) {
      surroundings.whenStopped(link::breakOff);
      list = catalog.list(keys.seen(keyFile));
    }
    list.archives()
        .forEach(each -> output.terminal().print(json.isWanted() ? json(each) : line(each)));
    list.warnings().forEach(output::warn);
    return list.warnings().isEmpty() ? ExitCode.DONE : ExitCode.FAILED;
  }

  private static String line(ArchiveInfo archive) {
    return String.format(
        Locale.ROOT,
        "%s  %s  %9d entries  %8s  %8s stored  %s%s",
        archive.id(),
        Instant.ofEpochMilli(archive.committedMillis()).toString().substring(0, 19) + "Z",
        archive.entries(),
        Failures.bytes(archive.bytes()),
        Failures.bytes(archive.newBytes()),
        archive.name(),
        archive.partial() ? "  (partial)" : "");
  }

  private static String json(ArchiveInfo archive) {
    return new JsonLine("archive")
        .with("archive", archive.root().toString())
        .with("name", archive.name())
        .with("sequence", archive.sequence())
        .with("time", Instant.ofEpochMilli(archive.committedMillis()).toString())
        .with("host", archive.host())
        .with("user", archive.user())
        .with("tags", archive.tags())
        .with(
            "paths",
            archive.paths().stream().map(path -> "/" + PathText.print(path.toArray())).toList())
        .with("entries", archive.entries())
        .with("bytes", archive.bytes())
        .with("bytes_stored", archive.newBytes())
        .with("files_unreadable", archive.unreadable())
        .with("partial", archive.partial())
        .end();
  }
}
