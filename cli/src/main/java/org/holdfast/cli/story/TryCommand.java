package org.holdfast.cli.story;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.holdfast.bucket.BucketAddress;
import org.holdfast.cli.console.ExitCode;
import org.holdfast.cli.console.Failure;
import org.holdfast.cli.console.Output;
import org.holdfast.cli.console.SourcePaths;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.core.HoldfastException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Shows on this machine, with real processes, that what was backed up comes back.
@Command(
    name = "try",
    description = {
      "See all of it work on this machine, with every byte compared.",
      "A server, backups, the loss of the server's disk in the middle of one, a rebuild from the"
          + " bucket, and a restore."
    },
    footer = {
      "",
      "Everything happens in a temporary folder (of $TMPDIR), which needs about twice the room of"
          + " the paths and 600 MB. The paths are only read; without any, Java's own folder is"
          + " taken. What changes in the paths meanwhile shows up as a difference; what this user"
          + " may not read is left out and told.",
      "",
      "Exit code 0 says that all of it held.",
      "",
      "Examples:",
      "  holdfast try",
      "  holdfast try ~/documents /etc --keep",
      "  holdfast try --bucket s3://my-bucket"
    })
public final class TryCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Mixin private final Output output;

  @Parameters(arity = "0..*", paramLabel = SourcePaths.LABEL, description = "What to back up.")
  private List<String> paths = List.of();

  @Option(
      names = "--bucket",
      paramLabel = "ADDR",
      description = "Keep the bucket there: s3://BUCKET[/PREFIX] or dir:PATH.")
  private String bucket = "";

  @Option(names = "--keep", description = "Leave the temporary folder for a look around.")
  private boolean keep;

  public TryCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
    this.output = new Output(surroundings.terminal());
  }

  @Override
  public Integer call() throws HoldfastException, IOException, Failure {
    byte[] here = SourcePaths.workingFolder();
    Set<String> texts = new TreeSet<>();
    for (String path : paths.isEmpty() ? List.of(System.getProperty("java.home", "/etc")) : paths) {
      byte[] root = SourcePaths.existing(surroundings.arguments().bytesOf(path), here);
      texts.add(Workplace.text(root));
    }
    List<String> apart = texts.stream().filter(text -> !isBelowAnother(text, texts)).toList();
    Optional<BucketAddress> wanted =
        bucket.isEmpty() ? Optional.empty() : Optional.of(BucketAddress.parse(bucket));
    long unreadable;
    try (Workplace place = Workplace.create(surroundings, wanted, keep);
        Children children = new Children(surroundings, place.cache())) {
      surroundings.signals().whenStopped(children::close);
      Table table = new Table(surroundings.clock(), output);
      try {
        unreadable = new Story(surroundings, output, place, children, table).tell(apart);
      } catch (HoldfastException | IOException | RuntimeException e) {
        if (surroundings.signals().isStopped()) {
          throw new Failure(ExitCode.INTERRUPTED, "interrupted", e);
        }
        throw e;
      } finally {
        table.print();
        if (keep) {
          output.say("kept: " + place.folder());
        }
      }
    }
    if (unreadable > 0) {
      output.say(unreadable + " files or folders had no part in it: this user may not read them");
    }
    output.terminal().print("all of it held");
    return ExitCode.DONE;
  }

  private static boolean isBelowAnother(String path, Set<String> all) {
    return all.stream()
        .anyMatch(other ->
            !other.equals(path) && path.startsWith(other.equals("/") ? other : other + "/"));
  }
}
