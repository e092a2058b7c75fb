package org.holdfast.protocol;

import org.holdfast.core.Clock;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Spawner;

/// Says the last message of a session so that it arrives.
///
/// A TCP connection that is closed with unread bytes is reset, and a reset throws away what the
/// other end has not read yet. So this reads on until the other end closes, or for a limited time.
public final class Parting {
  private Parting() {}

  /// Sends the message on stream 0, drops whatever still comes, closes. Only for the thread that
  /// receives.
  public static void say(
      Connection connection, Message last, Clock clock, Spawner spawner, long millis) {
    Deadline deadline = new Deadline(clock, spawner, millis, connection::close);
    try {
      connection.send(0, last);
      // Read only to empty the carrier: the memory of what comes is free at once.
      for (var next = connection.receive(); next.isPresent(); next = connection.receive()) {
        connection.giveBack(next.get().leasedBytes());
      }
    } catch (HoldfastException e) {
      // The other end is gone, or out of time: there is nobody left to tell.
    } finally {
      boolean inTime = deadline.callOff();
      if (inTime) {
        connection.close();
      }
    }
  }
}
