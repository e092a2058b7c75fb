package org.holdfast.protocol;

/// What a listener does with each connection. The connection is closed when the handler returns.
public interface ConnectionHandler {
  /// Runs on a thread of its own.
  void handle(Connection connection);
}
