package org.holdfast.cli;

import java.util.Optional;
import org.holdfast.cli.console.ExitCode;
import org.holdfast.cli.console.Failure;
import org.holdfast.cli.console.Failures;
import org.holdfast.cli.console.Surroundings;

/// Why a command that deletes has failed, and whether it has deleted all the same.
final class DeleteFailure {
  private DeleteFailure() {}

  /// `done` is empty if nobody can tell.
  static Failure of(Surroundings surroundings, Exception cause, Optional<Boolean> done) {
    String line = Failures.line(cause);
    if (surroundings.signals().isStopped() && !done.equals(Optional.of(true))) {
      String what =
          done.isPresent()
              ? "interrupted: nothing was deleted"
              : "interrupted: `holdfast undelete --list` shows whether anything was deleted";
      return new Failure(ExitCode.INTERRUPTED, what, cause);
    }
    if (done.isEmpty()) {
      return new Failure(
          Failures.exitCode(cause),
          "whether anything was deleted is not known, see `holdfast undelete --list`: " + line,
          cause);
    }
    return done.get()
        ? new Failure(
            ExitCode.FAILED_AFTER_CHANGE,
            "the archives are deleted, but the command failed after that: " + line,
            cause)
        : new Failure(Failures.exitCode(cause), line, cause);
  }
}
