package org.holdfast.cli;

import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.holdfast.cli.console.ExitCode;
import org.holdfast.cli.console.Failure;
import org.holdfast.cli.console.Failures;
import org.holdfast.cli.console.Misuse;
import org.holdfast.cli.console.Signals;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.cli.console.Terminal;
import org.holdfast.cli.story.TryCommand;
import org.holdfast.client.tree.ProcessEnd;
import org.holdfast.client.tree.RawArguments;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Spawner;
import org.holdfast.core.SystemClock;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/// Where the program starts: takes from the process what everything else is given, wires the
/// commands, and turns what comes of them into an exit code. An edge.
public final class Main {
  /// Options for Java that who runs this has added: they may ask for something at its end.
  private static final String JAVA_OPTIONS = "HOLDFAST_JAVA_OPTS";

  private final Surroundings surroundings;
  private volatile boolean verbose;

  private Main(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  public static void main(String... arguments) {
    Terminal terminal = Terminal.ofProcess(System.getenv());
    AtomicBoolean hasThreads = new AtomicBoolean();
    int exitCode;
    try {
      Main main =
          new Main(
              new Surroundings(
                  System.getenv(),
                  RawArguments.of(arguments),
                  new SystemClock(),
                  (name, task) -> {
                    hasThreads.set(true);
                    return Spawner.virtual().spawn(name, task);
                  },
                  new SecureRandom(),
                  terminal,
                  Signals.listen()));
      main.watchThreads();
      exitCode = main.run(arguments);
    } catch (Throwable failure) {
      terminal.note("holdfast: " + Failures.line(failure));
      exitCode = ExitCode.FAILED;
    }
    if (!terminal.flush() && exitCode == ExitCode.DONE) {
      terminal.note("holdfast: standard output could not be written to its end");
      exitCode = ExitCode.FAILED;
    }
    // Threads that still wait for something do not hold the process up.
    if (hasThreads.get() && System.getenv().getOrDefault(JAVA_OPTIONS, "").isEmpty()) {
      ProcessEnd.now(exitCode);
    }
    Runtime.getRuntime().halt(exitCode);
  }

  /// One command, in a process that goes on.
  static int run(Surroundings surroundings, String... arguments) {
    return new Main(surroundings).run(arguments);
  }

  private int run(String... arguments) {
    List<String> words = List.of(arguments);
    if (words.contains("-v") || words.contains("--verbose")) {
      verbose = true;
      System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "info");
    } else if (words.stream()
        .filter(word -> !word.startsWith("-"))
        .findFirst()
        .equals(Optional.of("serve"))) {
      System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "info");
    }
    CommandLine line = ofArguments(arguments);
    line.setExpandAtFiles(false)
        .setOut(writer(surroundings.terminal().out()))
        .setErr(writer(surroundings.terminal().err()))
        .setColorScheme(
            CommandLine.Help.defaultColorScheme(
                surroundings.terminal().hasColours(true) ? Ansi.ON : Ansi.OFF))
        .setExecutionStrategy(this::execute)
        .setParameterExceptionHandler(this::misused)
        .setExecutionExceptionHandler(this::failed);
    return line.execute(arguments);
  }

  private int execute(ParseResult parsed) {
    Misuse.checkNothingIsEmpty(parsed);
    try {
      Misuse.checkNothingIsLost(parsed, surroundings.arguments());
    } catch (RefusedException e) {
      throw new ParameterException(parsed.commandSpec().commandLine(), e.getMessage(), e);
    }
    return new CommandLine.RunLast().execute(parsed);
  }

  private static PrintWriter writer(PrintStream stream) {
    return new PrintWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8), true);
  }

  /// All commands, for who looks at what they say of themselves.
  static CommandLine commandLine(Surroundings surroundings) {
    return new Main(surroundings).ofArguments();
  }

  /// All commands or, as looking through them takes as long as a short command, only the one that
  /// the first word names.
  private CommandLine ofArguments(String... arguments) {
    Map<String, Supplier<Object>> commands = commands();
    CommandLine line = new CommandLine(new Holdfast());
    if (arguments.length > 0 && commands.containsKey(arguments[0])) {
      commands.keySet().retainAll(Set.of(arguments[0]));
    }
    commands.forEach((name, command) -> line.addSubcommand(name, command.get()));
    addHelp(line);
    return line;
  }

  private Map<String, Supplier<Object>> commands() {
    Surroundings s = surroundings;
    Map<String, Supplier<Object>> commands = new LinkedHashMap<>();
    commands.put("try", () -> new TryCommand(s));
    commands.put("init", () -> new InitCommand(s));
    commands.put("backup", () -> new BackupCommand(s));
    commands.put("archives", () -> new ArchivesCommand(s));
    commands.put("ls", () -> new LsCommand(s));
    commands.put("diff", () -> new DiffCommand(s));
    commands.put("find", () -> new FindCommand(s));
    commands.put("verify", () -> new VerifyCommand(s));
    commands.put("stats", () -> new StatsCommand(s));
    commands.put("export", () -> new ExportCommand(s));
    commands.put("restore", () -> new RestoreCommand(s));
    commands.put("delete", () -> new DeleteCommand(s));
    commands.put("retain", () -> new RetainCommand(s));
    commands.put("undelete", () -> new UndeleteCommand(s));
    commands.put("nuke", () -> new NukeCommand(s));
    commands.put("key", () -> keyGroup(s));
    commands.put("version", () -> new VersionCommand(s));
    commands.put("serve", () -> new ServeCommand(s));
    commands.put("standby", () -> new StandbyCommand(s));
    commands.put("take-over", () -> new TakeOverCommand(s));
    commands.put("rebuild", () -> new RebuildCommand(s));
    commands.put("drill", () -> new DrillCommand(s));
    commands.put("estimate", () -> new EstimateCommand(s));
    commands.put("account", () -> accountGroup(s));
    commands.put("machine", () -> machineGroup(s));
    commands.put("invite", () -> new InviteCommand(s));
    commands.put("bucket", () -> bucketGroup(s));
    commands.put("clean", () -> new CleanCommand(s));
    commands.put("work", () -> new WorkCommand(s));
    commands.put("status", () -> new StatusCommand(s));
    return commands;
  }

  private static CommandLine keyGroup(Surroundings s) {
    return group("key", "Show, derive and change key files.")
        .addSubcommand(new KeyShowCommand(s))
        .addSubcommand(new KeyServiceCommand(s))
        .addSubcommand(new KeyDeriveCommand(s));
  }

  private static CommandLine accountGroup(Surroundings s) {
    return group("account", "Open and list accounts, at a running server.")
        .addSubcommand(new AccountOpenCommand(s))
        .addSubcommand(new AccountListCommand(s));
  }

  private static CommandLine machineGroup(Surroundings s) {
    return group("machine", "List machines, move them, and take one's data out.")
        .addSubcommand(new MachineListCommand(s))
        .addSubcommand(new MachineMoveCommand(s))
        .addSubcommand(new MachineExportCommand(s));
  }

  private static CommandLine bucketGroup(Surroundings s) {
    return group("bucket", "Try what a store can do.").addSubcommand(new BucketProbeCommand(s));
  }

  private static CommandLine group(String name, String description) {
    CommandLine group = new CommandLine(new CommandGroup());
    group.getCommandSpec().name(name).usageMessage().description(description);
    return group;
  }

  /// `--help` and `--version` at every command.
  private static void addHelp(CommandLine line) {
    line.getCommandSpec()
        .mixinStandardHelpOptions(true)
        .versionProvider(new VersionCommand.Provider());
    line.getCommandSpec().usageMessage().abbreviateSynopsis(true);
    line.getSubcommands().values().forEach(Main::addHelp);
  }

  /// Threads have nobody to throw to: what they meet is told in one line, too.
  private void watchThreads() {
    Thread.setDefaultUncaughtExceptionHandler((_, failure) -> tell(failure));
  }

  private int misused(ParameterException failure, String[] arguments) {
    surroundings.terminal().note("holdfast: " + Misuse.line(failure));
    return ExitCode.FAILED;
  }

  private int failed(Exception failure, CommandLine line, ParseResult result) {
    if (surroundings.signals().isStopped() && Failures.exitCode(failure) != ExitCode.INTERRUPTED) {
      tell(new Failure(ExitCode.INTERRUPTED, "interrupted", failure));
      return ExitCode.INTERRUPTED;
    }
    tell(failure);
    return Failures.exitCode(failure);
  }

  private void tell(Throwable failure) {
    surroundings.terminal().note("holdfast: " + Failures.line(failure));
    if (verbose) {
      failure.printStackTrace(surroundings.terminal().err());
    }
  }
}
