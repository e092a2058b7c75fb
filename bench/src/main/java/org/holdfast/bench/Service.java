package org.holdfast.bench;

/// What a program's client speaks to in the comparison. Closed, its process is stopped.
sealed interface Service extends AutoCloseable permits Server, RestServer, SshServer {
  ServerProcess process();

  @Override
  default void close() {
    process().close();
  }
}
