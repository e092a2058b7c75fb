package org.holdfast.server.drill;

import java.util.function.BooleanSupplier;
import org.holdfast.core.Clock;
import org.holdfast.core.UnavailableException;

/// How a drill gives way to others. Its work is pieces, one at a time or several.
///
/// Any thread.
public interface Pace {
  /// Waits until a piece may begin, and answers when that is, for [#end]. Throws if the drill is to
  /// end.
  long begin() throws UnavailableException;

  void end(long beganNanos);

  /// How long it has worked so far, without what it waited for others.
  long workedNanos();

  /// Whether it waits for others at all, and reads one thing at a time.
  boolean isGentle();

  /// As fast as it goes, for who has the machine to himself; ends when `isStopped` says so.
  static Pace full(Clock clock, BooleanSupplier isStopped) {
    long start = clock.nanos();
    return new Pace() {
      @Override
      public long begin() throws UnavailableException {
        if (isStopped.getAsBoolean()) {
          throw new UnavailableException("the drill was stopped: start it again");
        }
        return clock.nanos();
      }

      @Override
      public void end(long beganNanos) {}

      @Override
      public long workedNanos() {
        return clock.nanos() - start;
      }

      @Override
      public boolean isGentle() {
        return false;
      }
    };
  }
}
