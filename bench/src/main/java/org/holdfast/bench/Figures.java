package org.holdfast.bench;

import java.io.IOException;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// What one stage cost a program: on the client's side, on the server's, and between them. What
/// there is no server for, or what nothing counts, is empty.
///
/// @param serverSeconds of the processors, while the client ran
/// @param wireBytes between client and server, both ways
/// @param requests to the store
record Figures(
    Command.Measured client,
    OptionalDouble serverSeconds,
    OptionalLong wireBytes,
    OptionalLong requests) {
  /// Measures both sides of a command. The server is asked for its requests outside of what is
  /// measured, since that costs it something.
  static Figures of(@Nullable Service service, Step step) throws IOException, InterruptedException {
    if (service == null) {
      return new Figures(
          step.run(), OptionalDouble.empty(), OptionalLong.empty(), OptionalLong.empty());
    }
    OptionalLong asked = service.requests();
    double processor = service.process().processorSeconds();
    long wire = Loopback.bytes();
    Command.Measured client = step.run();
    wire = Loopback.bytes() - wire;
    processor = service.process().processorSeconds() - processor;
    OptionalLong now = service.requests();
    return new Figures(
        client,
        OptionalDouble.of(processor),
        OptionalLong.of(wire),
        asked.isPresent()
            ? OptionalLong.of(now.orElseThrow() - asked.getAsLong())
            : OptionalLong.empty());
  }

  /// A command that runs to its end.
  interface Step {
    Command.Measured run() throws IOException, InterruptedException;
  }
}
