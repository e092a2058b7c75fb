package org.holdfast.cli.console;

import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/// The process's signals. An edge: what Java offers for this is not in its API, and is here alone.
///
/// - SIGINT, SIGTERM, SIGHUP: the first one asks whoever registered to stop; the second one ends
///   the process at once.
/// - SIGUSR1: asks for one line of status.
public final class Signals {
  private final AtomicBoolean stopped = new AtomicBoolean();
  private final AtomicReference<Runnable> onStop = new AtomicReference<>();
  private final AtomicReference<Runnable> onStatus = new AtomicReference<>(() -> {});

  /// Starts to listen. Until somebody registers, a signal to stop ends the process.
  public static Signals listen() {
    Signals signals = new Signals();
    for (String name : new String[] {"INT", "TERM", "HUP"}) {
      handle(name, signals::stop);
    }
    handle("USR1", () -> signals.onStatus.get().run());
    return signals;
  }

  /// Java's own class for this is not in its API, and the compiler warns of each use; so it is
  /// looked up when the program runs.
  private static void handle(String name, Runnable action) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object calls =
          Proxy.newProxyInstance(
              handler.getClassLoader(),
              new Class<?>[] {handler},
              (_, method, _) -> {
                if (method.getName().equals("handle")) {
                  action.run();
                }
                return null;
              });
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance(name), calls);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this Java does not tell of signals", e);
    }
  }

  /// Whether a signal to stop has come.
  public boolean isStopped() {
    return stopped.get();
  }

  /// Who is asked to stop, on a thread of the system's; at once if the signal has come already.
  public void whenStopped(Runnable action) {
    onStop.set(action);
    if (stopped.get()) {
      action.run();
    }
  }

  /// Who prints a line of status.
  public void whenAsked(Runnable action) {
    onStatus.set(action);
  }

  private void stop() {
    Runnable action = onStop.get();
    if (stopped.getAndSet(true) || action == null) {
      end();
      return;
    }
    action.run();
  }

  /// Ends the process at once.
  void end() {
    Runtime.getRuntime().halt(ExitCode.INTERRUPTED);
  }
}
