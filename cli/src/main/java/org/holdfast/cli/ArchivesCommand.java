package org.holdfast.cli;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.holdfast.cli.console.Counted;
import org.holdfast.cli.console.ExitCode;
import org.holdfast.cli.console.Failure;
import org.holdfast.cli.console.Failures;
import org.holdfast.cli.console.JsonLine;
import org.holdfast.cli.console.JsonOption;
import org.holdfast.cli.console.Output;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.cli.link.Link;
import org.holdfast.client.catalog.ArchiveInfo;
import org.holdfast.client.catalog.ArchiveList;
import org.holdfast.client.catalog.Catalog;
import org.holdfast.client.tidy.TidyArchive;
import org.holdfast.client.tidy.TidyCatalog;
import org.holdfast.client.tidy.TidyList;
import org.holdfast.client.tidy.Undeletion;
import org.holdfast.client.tree.PathText;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Right;
import org.holdfast.seal.KeyFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// Lists a machine's archives.
@Command(
    name = "archives",
    description = "List this machine's archives, the newest last.",
    footer = {
      "",
      "A key file that can tidy but not read shows no names.",
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
  @Mixin private final SourceOption source;
  @Mixin private final JsonOption json = new JsonOption();

  ArchivesCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
    this.keys = new KeyOptions(surroundings);
    this.output = new Output(surroundings.terminal());
    this.source = new SourceOption(surroundings, output);
  }

  @Override
  public Integer call() throws HoldfastException, Failure {
    KeyFile keyFile = keys.open();
    boolean names = keyFile.keys().rights().contains(Right.READ);
    if (!names && !keyFile.keys().rights().contains(Right.TIDY)) {
      keyFile.keys().read();
    }
    try (Link link = source.open(keyFile, keys.cacheFolder())) {
      surroundings.whenStopped(link::breakOff);
      return names ? withNames(link, keyFile) : withoutNames(link, keyFile);
    }
  }

  private int withNames(Link link, KeyFile keyFile) throws HoldfastException, Failure {
    ArchiveList list;
    try (Catalog catalog =
        Catalog.open(link.session(), keyFile, keys.machineFolder(keyFile), surroundings.random())) {
      list = catalog.list(keys.seen(keyFile));
    }
    list.archives()
        .forEach(each -> output.terminal().print(json.isWanted() ? json(each) : line(each)));
    return tell(list.warnings(), list.holes(), deletions(link, keyFile));
  }

  private int withoutNames(Link link, KeyFile keyFile) throws HoldfastException, Failure {
    TidyList list;
    try (TidyCatalog catalog =
        TidyCatalog.open(
            link.session(), keyFile, keys.machineFolder(keyFile), surroundings.random())) {
      list = catalog.list(keys.seen(keyFile));
    }
    list.archives()
        .forEach(each -> output.terminal().print(json.isWanted() ? json(each) : line(each)));
    return tell(list.warnings(), list.holes(), deletions(link, keyFile));
  }

  int tell(List<String> warnings, List<String> holes, List<Undeletion.Deleted> deletions) {
    // A list of archives does not show what was deleted without any.
    List<String> hollowing =
        deletions.stream()
            .filter(each -> each.archives().isEmpty())
            .map(ArchivesCommand::hollowing)
            .toList();
    warnings.forEach(output::warn);
    hollowing.forEach(output::warn);
    if (!holes.isEmpty() && !output.isVerbose()) {
      output.say(
          holes.getFirst()
              + (holes.size() == 1 ? "" : "; -v shows %d more".formatted(holes.size() - 1)));
    }
    holes.forEach(output::detail);
    deleted(deletions).ifPresent(output::say);
    return warnings.isEmpty() && hollowing.isEmpty() ? ExitCode.DONE : ExitCode.FAILED;
  }

  private List<Undeletion.Deleted> deletions(Link link, KeyFile keyFile)
      throws HoldfastException, Failure {
    return new Undeletion(link.session(), keyFile.machineId(), keys.machineFolder(keyFile)).list();
  }

  /// Who did not delete them still has the time to bring them back.
  private static Optional<String> deleted(List<Undeletion.Deleted> deletions) {
    long count = deletions.stream().mapToLong(each -> each.archives().size()).sum();
    return deletions.stream()
        .filter(each -> !each.archives().isEmpty())
        .map(each -> each.made().untilMillis())
        .min(Comparator.naturalOrder())
        .map(until ->
            "%s deleted, until %s%s `holdfast undelete` brings %s back; --list shows %s"
                .formatted(
                    Counted.of(count, "archive"),
                    Instant.ofEpochMilli(until),
                    count == 1 ? "" : " or later",
                    count == 1 ? "it" : "them",
                    count == 1 ? "it" : "them"));
  }

  private static String hollowing(Undeletion.Deleted deletion) {
    return ("at %s a deletion took %d blocks and no archive, as `nuke` does where none is left:"
            + " archives may lack content; `holdfast undelete --deletion %s` brings it back until"
            + " %s")
        .formatted(
            Instant.ofEpochMilli(deletion.made().deletedMillis()),
            deletion.made().blocks(),
            deletion.id(),
            Instant.ofEpochMilli(deletion.made().untilMillis()));
  }

  private static String line(TidyArchive archive) {
    return line(
        archive.id(),
        archive.committedMillis(),
        archive.entries(),
        archive.bytes(),
        archive.newBytes(),
        "tag " + (archive.tag().isEmpty() ? "-" : archive.tag()),
        archive.partial());
  }

  private static String line(ArchiveInfo archive) {
    return line(
        archive.id(),
        archive.committedMillis(),
        archive.entries(),
        archive.bytes(),
        archive.newBytes(),
        archive.name(),
        archive.partial());
  }

  private static String line(
      String id,
      long committedMillis,
      long entries,
      long bytes,
      long newBytes,
      String what,
      boolean partial) {
    return String.format(
        Locale.ROOT,
        "%s  %s  %9d entries  %8s  %8s stored  %s%s",
        id,
        Instant.ofEpochMilli(committedMillis).toString().substring(0, 19) + "Z",
        entries,
        Failures.bytes(bytes),
        Failures.bytes(newBytes),
        what,
        partial ? "  (partial)" : "");
  }

  private static String json(TidyArchive archive) {
    return new JsonLine("archive")
        .with("archive", archive.root().toString())
        .with("sequence", archive.sequence())
        .with("time", Instant.ofEpochMilli(archive.committedMillis()).toString())
        .with("retention_tag", archive.tag())
        .with("entries", archive.entries())
        .with("bytes", archive.bytes())
        .with("bytes_stored", archive.newBytes())
        .with("partial", archive.partial())
        .end();
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
        .with("retention_tag", archive.tag())
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
