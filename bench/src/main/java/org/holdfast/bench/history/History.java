package org.holdfast.bench.history;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.holdfast.core.HoldfastException;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Makes a service with a long past, without its blocks: to measure how it is brought back.
@CommandLine.Command(
    name = "bench/history",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description = {
      "Makes a service in DIR with a log of N records, as servers would have written",
      "it: machines back up, are cut off, delete, bring back; what is deleted is",
      "freed, and segments are cleaned; servers take over from one another. For",
      "`holdfast rebuild` and `serve` it is a service as any other.",
      "",
      "Blocks are zeros that take no room on the disk (the files have holes), with",
      "checksums that are right; no client can open them. Headers take some 80 bytes",
      "a record, and an object at least a page of the file system. The same options",
      "make the same bytes."
    },
    footer = {
      "",
      "Examples:",
      "  bench/history /var/tmp/history --records 1000000",
      "  ./holdfast rebuild --config /var/tmp/history/server.conf"
    })
public final class History implements Callable<Integer> {
  private static final long SAY_NANOS = 5_000_000_000L;
  private static final int MACHINES_MAX = 100_000;
  private static final int RECORDS_A_MACHINE = 16;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(index = "0", paramLabel = "DIR", description = "A folder; empty, or not there yet.")
  private Path folder = Path.of(".");

  @Option(names = "--records", required = true, paramLabel = "N", description = "How many.")
  private long records;

  @Option(names = "--machines", paramLabel = "N", description = "How many (20).")
  private int machines = 20;

  @Option(names = "--seed", paramLabel = "N", description = "Another history for each (1).")
  private long seed = 1;

  @Option(
      names = "--block-length",
      paramLabel = "BYTES",
      description = "Of a sealed chunk, in the mean (524288): shorter ones make fewer objects.")
  private int blockLength = 512 << 10;

  @Option(
      names = "--backup-blocks",
      paramLabel = "N",
      description = "That a backup stores, in the mean; a machine's first stores more (1000).")
  private int backupBlocks = 1000;

  @Option(names = "--deleted", paramLabel = "PERCENT", description = "Of the backups (20).")
  private int deletedPercent = 20;

  @Option(
      names = "--cleaned",
      paramLabel = "PERCENT",
      description = "Of the segments that hold nothing but what was deleted: holes (0).")
  private int cleanedPercent = 0;

  @Option(names = "--epochs", paramLabel = "N", description = "Owners of the log (3).")
  private int epochs = 3;

  private long startNanos;
  private long saidNanos;

  public static void main(String... words) {
    System.exit(new CommandLine(new History()).execute(words));
  }

  @Override
  public Integer call() throws IOException {
    check(machines >= 1 && machines <= MACHINES_MAX, "--machines is 1 to " + MACHINES_MAX);
    check(records / RECORDS_A_MACHINE >= machines, "a machine has 16 --records at least");
    check(blockLength >= 256 && blockLength <= 4 << 20, "--block-length is 256 to 4194304");
    check(backupBlocks >= 1, "--backup-blocks is 1 at least");
    check(deletedPercent >= 0 && deletedPercent <= 100, "--deleted is 0 to 100");
    check(cleanedPercent >= 0 && cleanedPercent <= 100, "--cleaned is 0 to 100");
    check(epochs >= 1 && epochs <= records / RECORDS_A_MACHINE, "--epochs is 1 at least, and few");
    startNanos = System.nanoTime();
    saidNanos = startNanos;
    try {
      HistoryLog.Made made =
          new HistoryFolder(folder)
              .make(
                  new Shape(
                      records,
                      machines,
                      seed,
                      blockLength,
                      backupBlocks,
                      deletedPercent,
                      cleanedPercent,
                      epochs),
                  this::sayNowAndThen);
      say(made);
      return 0;
    } catch (HoldfastException e) {
      System.err.println("bench/history: " + e.getMessage());
      return 1;
    }
  }

  private void check(boolean holds, String what) {
    if (!holds) {
      throw new ParameterException(spec.commandLine(), what);
    }
  }

  private void sayNowAndThen(long done) {
    long nowNanos = System.nanoTime();
    if (nowNanos - saidNanos >= SAY_NANOS) {
      saidNanos = nowNanos;
      say("%,d of %,d records, %,.0f a second", done, records, done / seconds());
    }
  }

  private void say(HistoryLog.Made made) {
    say(
        "%,d records in %,d segments, %.1f MB of headers, %.1f GB of data; %,d were cleaned",
        made.records(),
        made.segments(),
        made.headerBytes() / 1e6,
        made.dataBytes() / 1e9,
        made.deletedSegments());
    say("%.1f s, %,.0f records a second", seconds(), made.records() / seconds());
    new TreeMap<>(made.kinds()).forEach((kind, count) -> say("  %-20s %,14d", kind, count));
    say("digest %s", made.digest());
  }

  private double seconds() {
    return (System.nanoTime() - startNanos) / 1e9;
  }

  private static void say(String format, Object... values) {
    System.out.printf(Locale.ROOT, format + "%n", values);
  }
}
