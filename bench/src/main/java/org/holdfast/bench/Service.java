package org.holdfast.bench;

import java.io.IOException;
import java.util.OptionalLong;

/// What a program's client speaks to in the comparison. Closed, its process is stopped.
sealed interface Service extends AutoCloseable permits Server, RestServer, SshServer {
  ServerProcess process();

  /// Requests to the store so far, as an operator would pay for them; empty if none are counted.
  OptionalLong requests() throws IOException, InterruptedException;

  /// The most memory that it has had resident; empty if it was not in one process.
  default OptionalLong peakBytes() {
    return OptionalLong.of(process().peakBytes());
  }

  @Override
  default void close() {
    process().close();
  }
}
