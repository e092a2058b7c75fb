package org.holdfast.server.state;

import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.holdfast.core.RefusedException;

/// What a recovery checks, and whoever runs the service may override, one by one: what each gives
/// up is in `docs/operations.md`, "Checks that can be overridden".
public enum Check {
  /// The log reaches what is known to have been acknowledged.
  LOST_END,
  /// A state has the digest that the log says.
  DIGEST,
  /// A machine that is moved was of the account that the record says, and comes to another one.
  OWNER;

  /// The check of this name.
  public static Check of(String word) throws RefusedException {
    return Stream.of(values())
        .filter(check -> check.toString().equals(word))
        .findAny()
        .orElseThrow(() ->
            new RefusedException(
                "no check `"
                    + word
                    + "` can be overridden: there are "
                    + Stream.of(values()).map(Check::toString).collect(Collectors.joining(", "))
                    + " (docs/operations.md)"));
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
