package org.holdfast.cli.console;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Map;
import java.util.Optional;
import org.holdfast.bucket.Buckets;
import org.holdfast.bucket.S3Settings;
import org.holdfast.client.tree.RawArguments;
import org.holdfast.core.Clock;
import org.holdfast.core.Spawner;

/// Everything that a command is given by the process it runs in.
///
/// @param arguments the command line's bytes, since paths need not be text
public record Surroundings(
    Map<String, String> variables,
    RawArguments arguments,
    Clock clock,
    Spawner spawner,
    SecureRandom random,
    Terminal terminal,
    Signals signals) {

  /// How long whoever is asked to stop may take: a server that does not listen any more must not
  /// keep a person waiting. What is lost by not waiting longer is made good by the next start.
  private static final long STOP_MILLIS = 8_000;

  /// Asks for this when a signal to stop comes, and ends the process if that does not do.
  public void whenStopped(Runnable action) {
    signals.whenStopped(() -> {
      spawner.spawn("stop", action);
      spawner.spawn("insist", this::insist);
    });
  }

  private void insist() {
    try {
      clock.sleepMillis(STOP_MILLIS);
      terminal.note("holdfast: interrupted, without waiting for the service any longer");
      signals.end();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// An environment variable that is set and not empty.
  public Optional<String> variable(String name) {
    return Optional.ofNullable(variables.get(name)).filter(value -> !value.isEmpty());
  }

  /// Opens buckets. What there is to say about stores in S3, the environment says.
  public Buckets buckets() {
    return new Buckets(clock, random, spawner, S3Settings.of(variables));
  }

  /// A user's folder by the XDG rules: the variable's if it is absolute, else one below the home.
  public Path userFolder(String variable, String belowHome) throws Failure {
    Optional<Path> named = variable(variable).map(Path::of).filter(Path::isAbsolute);
    if (named.isPresent()) {
      return named.get();
    }
    Optional<Path> home =
        variable("HOME")
            .or(() -> Optional.ofNullable(System.getProperty("user.home")))
            .map(Path::of);
    return home.filter(Path::isAbsolute)
        .orElseThrow(() ->
            new Failure(
                ExitCode.FAILED,
                "this user has no home folder: set HOME, or " + variable + " to a folder"))
        .resolve(belowHome);
  }
}
