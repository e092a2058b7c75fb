package org.holdfast.cli;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.holdfast.cli.console.ExitCode;
import org.holdfast.cli.console.Failure;
import org.holdfast.cli.console.JsonLine;
import org.holdfast.cli.console.JsonOption;
import org.holdfast.cli.console.Output;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.cli.link.Link;
import org.holdfast.cli.link.Links;
import org.holdfast.client.tidy.Undeletion;
import org.holdfast.client.tidy.Undeletion.Deleted;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Right;
import org.holdfast.protocol.Message;
import org.holdfast.seal.KeyFile;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Brings deleted archives back.
@Command(
    name = "undelete",
    description = "Bring archives back that were deleted not long ago, or list them.",
    footer = {
      "",
      "Needs the right to tidy or nuke; to list, the right to read is enough. A deletion is undone"
          + " as a whole, and with it those that came after it: an archive may share blocks with"
          + " one that was deleted later.",
      "",
      "Examples:",
      "  holdfast undelete --list",
      "  holdfast undelete 5f0c91d2ab34",
      "  holdfast undelete --deletion 90ab41c0775e"
    })
final class UndeleteCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Mixin private final KeyOptions keys;
  @Mixin private final Output output;
  @Mixin private final JsonOption json = new JsonOption();

  @Option(names = "--list", description = "List what can be brought back, the newest last.")
  private boolean list;

  @Option(
      names = "--deletion",
      paramLabel = "ID",
      description = "4 or more digits of a deletion's own id; for one that hides no archive.")
  private @Nullable String deletion;

  @Parameters(
      arity = "0..1",
      paramLabel = "ARCHIVE",
      description = "4 or more digits of a deleted archive's id.")
  private @Nullable String which;

  UndeleteCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
    this.keys = new KeyOptions(surroundings);
    this.output = new Output(surroundings.terminal());
  }

  @Override
  public Integer call() throws HoldfastException, IOException, Failure {
    if (list && (which != null || deletion != null)) {
      throw new RefusedException("--list lists all that can be brought back: give it alone");
    }
    if (Stream.of(list, which != null, deletion != null).filter(each -> each).count() != 1) {
      throw new RefusedException(
          "say which archive or --deletion to bring back, or --list to see which there are");
    }
    KeyFile keyFile = keys.open();
    Right right = right(keyFile);
    Links links = new Links(surroundings);
    try (Link link =
        list ? links.read(keyFile, keys.cacheFolder()) : links.write(keyFile, keys.cacheFolder())) {
      surroundings.whenStopped(link::breakOff);
      link.session()
          .prove(keyFile.machineId(), right, keyFile.keys().credentialFor(right).privateKey());
      Undeletion undeletion =
          new Undeletion(link.session(), keyFile.machineId(), keys.machineFolder(keyFile));
      if (which != null) {
        undo(undeletion, undeletion.choose(which));
      } else if (deletion != null) {
        undo(undeletion, undeletion.chooseDeletion(deletion));
      } else {
        undeletion.list().forEach(this::show);
      }
    }
    return ExitCode.DONE;
  }

  private Right right(KeyFile keyFile) throws HoldfastException {
    Set<Right> rights = keyFile.keys().rights();
    if (rights.contains(Right.TIDY)) {
      return Right.TIDY;
    }
    if (rights.contains(Right.NUKE)) {
      return Right.NUKE;
    }
    if (list && rights.contains(Right.READ)) {
      return Right.READ;
    }
    throw new RefusedException(
        "this key file lacks the rights to tidy and nuke"
            + (list ? ", and to read" : "")
            + "; use one that has one of them");
  }

  private void undo(Undeletion undeletion, List<Deleted> deletions)
      throws HoldfastException, IOException {
    undeletion.undo(deletions);
    deletions.forEach(this::show);
    int archives = deletions.stream().mapToInt(each -> each.archives().size()).sum();
    if (json.isWanted()) {
      output
          .terminal()
          .print(
              new JsonLine("summary")
                  .with("archives", archives)
                  .with("deletions", deletions.size())
                  .end());
    } else if (!output.isQuiet()) {
      output
          .terminal()
          .print(
              "undone   %d %s, %d %s back%s"
                  .formatted(
                      deletions.size(),
                      deletions.size() == 1 ? "deletion" : "deletions",
                      archives,
                      archives == 1 ? "archive is" : "archives are",
                      deletions.size() == 1
                          ? ""
                          : ": later deletions are undone with an earlier one, as archives share"
                              + " blocks"));
    }
  }

  private void show(Deleted deletion) {
    for (Message.DeletedArchive each : deletion.archives()) {
      output.terminal().print(json.isWanted() ? json(each) : line(each));
    }
    if (deletion.archives().isEmpty()) {
      output.terminal().print(json.isWanted() ? json(deletion) : line(deletion));
    }
  }

  private static String line(Deleted deletion) {
    return String.format(
        Locale.ROOT,
        "no archive    %d blocks, --deletion %s  deleted %s  until %s",
        deletion.made().blocks(),
        deletion.id(),
        time(deletion.made().deletedMillis()),
        time(deletion.made().untilMillis()));
  }

  private static String json(Deleted deletion) {
    return new JsonLine("deletion")
        .with("deletion", deletion.transaction().toString())
        .with("blocks", deletion.made().blocks())
        .with("deleted", Instant.ofEpochMilli(deletion.made().deletedMillis()).toString())
        .with("undelete_until", Instant.ofEpochMilli(deletion.made().untilMillis()).toString())
        .end();
  }

  private static String line(Message.DeletedArchive deleted) {
    return String.format(
        Locale.ROOT,
        "%s  %s  number %d%s  deleted %s  until %s",
        deleted.archive().root().toString().substring(0, 12),
        time(deleted.archive().committedMillis()),
        deleted.archive().sequence(),
        deleted.archive().partial() ? " (partial)" : "",
        time(deleted.deletedMillis()),
        time(deleted.untilMillis()));
  }

  private static String time(long millis) {
    return Instant.ofEpochMilli(millis).toString().substring(0, 19) + "Z";
  }

  private static String json(Message.DeletedArchive deleted) {
    return new JsonLine("deleted_archive")
        .with("archive", deleted.archive().root().toString())
        .with("sequence", deleted.archive().sequence())
        .with("time", Instant.ofEpochMilli(deleted.archive().committedMillis()).toString())
        .with("partial", deleted.archive().partial())
        .with("deletion", deleted.deletion().toString())
        .with("deleted", Instant.ofEpochMilli(deleted.deletedMillis()).toString())
        .with("undelete_until", Instant.ofEpochMilli(deleted.untilMillis()).toString())
        .end();
  }
}
