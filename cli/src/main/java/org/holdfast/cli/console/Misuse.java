package org.holdfast.cli.console;

import java.util.Locale;
import java.util.stream.Collectors;
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
      case MissingParameterException missing ->
          missing.getMissing().stream().map(Misuse::name).collect(Collectors.joining(", "))
              + (missing.getMissing().size() == 1 ? " is missing" : " are missing");
      default -> lowerFirst(String.valueOf(misuse.getMessage()));
    };
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

  /// As a person writes it.
  private static String name(ArgSpec argument) {
    return argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
  }
}
