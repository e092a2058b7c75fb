package org.holdfast.server.session;

/// A session, as [Sessions] has it.
interface OpenSession {
  /// Serves until either end is done.
  void run();

  /// Tells the client that the server ends the session. The client closes then.
  void goodbye(String reason);

  /// Cuts the connection.
  void close();

  /// Whether the session is so old and has proven nothing: it does nothing but take a place.
  boolean isIdleSince(long millis);
}
