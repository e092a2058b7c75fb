package org.holdfast.cli.console;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.holdfast.client.tree.RawArguments;
import org.holdfast.core.RefusedException;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/// A command line that cannot be understood, in one line.
public final class Misuse {
  private Misuse() {}

  /// What is wrong with it, and where to read on.
  public static String line(ParameterException misuse) {
    String command = misuse.getCommandLine().getCommandSpec().qualifiedName();
    return Failures.oneLine(text(misuse)) + "; see " + command + " --help";
  }

  private static String text(ParameterException misuse) {
    return switch (misuse) {
      case UnmatchedArgumentException unmatched -> unmatched(unmatched);
      case MissingParameterException missing -> missing(missing);
      default ->
          lowerFirst(String.valueOf(misuse.getMessage()))
              .replaceAll("is not an? (?:long|int)$", "is no whole number");
    };
  }

  /// The parser says the same of an option without its value as of one that is not there.
  private static String missing(MissingParameterException missing) {
    List<ArgSpec> all = missing.getMissing();
    String names = all.stream().map(Misuse::name).collect(Collectors.joining(", "));
    boolean lacksValue =
        all.size() == 1
            && all.getFirst() instanceof OptionSpec
            && String.valueOf(missing.getMessage()).startsWith("Missing required parameter for");
    return lacksValue
        ? "the value of " + names + " is missing"
        : names + (all.size() == 1 ? " is missing" : " are missing");
  }

  private static String unmatched(UnmatchedArgumentException unmatched) {
    String word = unmatched.getUnmatched().getFirst();
    CommandLine command = unmatched.getCommandLine();
    if (unmatched.isUnknownOption()) {
      return command.getCommandSpec().qualifiedName() + " has no option " + word;
    }
    return command.getSubcommands().isEmpty()
        ? "'" + word + "' is one argument too many"
        : "there is no command '" + word + "'";
  }

  /// The parser's own sentences begin with a capital letter; names of arguments have several.
  private static String lowerFirst(String text) {
    boolean isSentence = text.length() > 1 && Character.isLowerCase(text.charAt(1));
    return isSentence ? text.substring(0, 1).toLowerCase(Locale.ROOT) + text.substring(1) : text;
  }

  /// Throws for an option or an argument that is there and empty: no command has a meaning for it,
  /// and a variable that is not set in a script must not look like one that was left out.
  public static void checkNothingIsEmpty(ParseResult parsed) {
    for (ParseResult at = parsed; ; at = at.subcommand()) {
      for (ArgSpec each : at.matchedArgs()) {
        if (each.stringValues().stream().anyMatch(String::isBlank)) {
          throw new ParameterException(
              at.commandSpec().commandLine(), name(each) + " has an empty value");
        }
      }
      if (!at.hasSubcommand()) {
        return;
      }
    }
  }

  /// Throws for an option or an argument that has other characters than what was typed, but for
  /// paths that are taken byte for byte.
  public static void checkNothingIsLost(ParseResult parsed, RawArguments arguments)
      throws RefusedException {
    for (ParseResult at = parsed; ; at = at.subcommand()) {
      for (ArgSpec each : at.matchedArgs()) {
        for (String value : each.stringValues()) {
          if (!takesBytes(each) && !arguments.isText(value)) {
            throw new ParameterException(
                at.commandSpec().commandLine(),
                name(each)
                    + " is not UTF-8, or has characters that this locale has not: write it in"
                    + " UTF-8, with LC_ALL=C.UTF-8");
          }
        }
      }
      if (!at.hasSubcommand()) {
        return;
      }
    }
  }

  private static boolean takesBytes(ArgSpec argument) {
    return argument.paramLabel().equals(SourcePaths.LABEL)
        || name(argument).equals(SourcePaths.TARGET);
  }

  /// As a person writes it.
  private static String name(ArgSpec argument) {
    return argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
  }
}
