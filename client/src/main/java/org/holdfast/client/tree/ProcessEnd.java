package org.holdfast.client.tree;

import org.holdfast.core.RefusedException;

/// Ends this process at once.
public final class ProcessEnd {
  private ProcessEnd() {}

  /// Ends the process by the C library's `_exit`. Java's own `halt` waits for threads that are in
  /// native code, which those that poll sockets always are: 0.3 s (HotSpot's
  /// `VM_Exit::wait_for_threads_in_native_to_block`).
  ///
  /// Nothing is written any more that Java writes at its end, such as a recording of its own.
  public static void now(int exitCode) {
    try {
      Platform.check();
      Libc.exit(exitCode);
    } catch (RefusedException elsewhere) {
      Runtime.getRuntime().halt(exitCode);
    }
  }
}
