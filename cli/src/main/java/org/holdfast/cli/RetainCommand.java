package org.holdfast.cli;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.holdfast.cli.console.ExitCode;
import org.holdfast.cli.console.Failure;
import org.holdfast.cli.console.Failures;
import org.holdfast.cli.console.JsonLine;
import org.holdfast.cli.console.JsonOption;
import org.holdfast.cli.console.Output;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.cli.link.Link;
import org.holdfast.client.tidy.Crowd;
import org.holdfast.client.tidy.Deletion;
import org.holdfast.client.tidy.RetentionPolicy;
import org.holdfast.client.tidy.RetentionPolicy.Judged;
import org.holdfast.client.tidy.TidyArchive;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.seal.KeyFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Deletes the archives that a policy does not keep.
@Command(
    name = "retain",
    description = "Keep the archives that a policy names, and delete the others.",
    footer = {
      "",
      "Needs the right to tidy. An archive that any --keep option names is kept. N is a number or"
          + " all.",
      "Times are the server's, of the commit; days begin as on this machine, or with --utc as in"
          + " UTC.",
      "A partial archive is kept until a later whole one of its group is.",
      "",
      "Examples:",
      "  holdfast retain --keep-daily 7 --keep-weekly 5 --keep-monthly 12 --dry-run",
      "  holdfast retain --keep-last 3 --keep-within 30d"
    })
final class RetainCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Mixin private final KeyOptions keys;
  @Mixin private final Output output;
  @Mixin private final JsonOption json = new JsonOption();
  @Mixin private final DeleteOptions options = new DeleteOptions();
  @Mixin private final KeepOptions keep = new KeepOptions();

  @Option(
      names = "--unsafe-empty-groups",
      description = "Also if that leaves no archive of a retention tag.")
  private boolean emptyGroups;

  @Option(
      names = "--unsafe-crowd",
      description = "Also if far more archives than usual came in a day and push older ones out.")
  private boolean crowd;

  RetainCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
    this.keys = new KeyOptions(surroundings);
    this.output = new Output(surroundings.terminal());
  }

  @Override
  public Integer call() throws HoldfastException, IOException, Failure {
    RetentionPolicy policy = keep.policy();
    KeyFile keyFile = keys.open();
    keyFile.keys().tidy();
    Deleting deleting =
        new Deleting(surroundings, output, json.isWanted(), options.isDryRun(), true);
    Deletion.Freed freed;
    try (Link link = options.open(surroundings, keyFile, keys)) {
      freed =
          deleting.run(
              link,
              keyFile,
              keys.machineFolder(keyFile),
              list -> Deletion.Chosen.of(dropped(policy, list.archives())),
              options.endsBackup());
    }
    policy
        .judge(freed.list().archives())
        .forEach(each -> output.terminal().print(json.isWanted() ? json(each) : line(each)));
    deleting.tell(freed);
    return ExitCode.DONE;
  }

  List<TidyArchive> dropped(RetentionPolicy policy, List<TidyArchive> archives)
      throws RefusedException {
    if (!crowd) {
      checkNoCrowd(policy, archives);
    }
    List<Judged> judged = policy.judge(archives);
    if (!emptyGroups) {
      Set<String> left =
          judged.stream()
              .filter(Judged::isKept)
              .map(each -> policy.group(each.archive()))
              .collect(Collectors.toSet());
      for (Judged each : judged) {
        String group = policy.group(each.archive());
        if (!left.contains(group)) {
          throw new RefusedException(
              "this would leave nothing of "
                  + group
                  + ": nothing was deleted; keep something of it, or say --unsafe-empty-groups");
        }
      }
    }
    return judged.stream().filter(each -> !each.isKept()).map(Judged::archive).toList();
  }

  private static void checkNoCrowd(RetentionPolicy policy, List<TidyArchive> archives)
      throws RefusedException {
    Optional<Crowd> found = Crowd.find(policy, archives);
    if (found.isPresent()) {
      throw new RefusedException(
          "of %s %d archives came within a day, far more than ever before, and would push %d older"
                  .formatted(
                      found.get().group(), found.get().archives(), found.get().pushedOut().size())
              + " ones out: nothing was deleted; if all of them are yours, say --unsafe-crowd, else"
              + " delete what is not, and retire the key that can write");
    }
  }

  private static String line(Judged judged) {
    TidyArchive archive = judged.archive();
    return String.format(
            Locale.ROOT,
            "%-6s  %s  %s  %8s  %s  %s%s",
            judged.isKept() ? "keep" : "delete",
            archive.id(),
            Instant.ofEpochMilli(archive.committedMillis()).toString().substring(0, 19) + "Z",
            Failures.bytes(archive.bytes()),
            archive.tag().isEmpty() ? "-" : archive.tag(),
            String.join(", ", judged.reasons()),
            archive.partial() && !judged.isKept() ? "(partial)" : "")
        .stripTrailing();
  }

  private static String json(Judged judged) {
    TidyArchive archive = judged.archive();
    return new JsonLine("archive")
        .with("archive", archive.root().toString())
        .with("sequence", archive.sequence())
        .with("time", Instant.ofEpochMilli(archive.committedMillis()).toString())
        .with("retention_tag", archive.tag())
        .with("bytes", archive.bytes())
        .with("partial", archive.partial())
        .with("keep", judged.isKept())
        .with("reasons", judged.reasons())
        .end();
  }
}
