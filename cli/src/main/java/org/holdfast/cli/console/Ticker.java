package org.holdfast.cli.console;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.holdfast.core.Clock;

/// Shows how far something is, several times a second: as a line that is replaced on a terminal, as
/// lines of JSON for a script. On SIGUSR1 says it once, in a line that stays.
public final class Ticker implements AutoCloseable {
  private static final long PERIOD_MILLIS = 200;

  private final AtomicBoolean ended = new AtomicBoolean();
  private final Terminal terminal;
  private final Signals signals;
  private final Thread thread;

  private Ticker(Terminal terminal, Signals signals, Thread thread) {
    this.terminal = terminal;
    this.signals = signals;
    this.thread = thread;
  }

  /// `line` is for people, `json` for scripts, each asked for when it is due.
  public static Ticker start(
      Surroundings surroundings, Output output, boolean asJson, Lines lines) {
    Terminal terminal = output.terminal();
    AtomicBoolean[] ended = new AtomicBoolean[1];
    Clock clock = surroundings.clock();
    Supplier<Boolean> over = () -> ended[0] != null && ended[0].get();
    boolean onTerminal = terminal.showsProgress() && !output.isQuiet() && !asJson;
    surroundings.signals().whenAsked(() -> terminal.note(lines.text()));
    Thread thread =
        surroundings
            .spawner()
            .spawn(
                "progress",
                () -> {
                  while (!over.get() && pause(clock)) {
                    if (asJson) {
                      terminal.print(lines.json());
                      terminal.flushData();
                    } else if (onTerminal) {
                      terminal.progress(lines.text());
                    }
                  }
                });
    Ticker ticker = new Ticker(terminal, surroundings.signals(), thread);
    ended[0] = ticker.ended;
    return ticker;
  }

  private static boolean pause(Clock clock) {
    try {
      clock.sleepMillis(PERIOD_MILLIS);
      return true;
    } catch (InterruptedException e) {
      return false;
    }
  }

  /// Returns when nothing more is shown.
  @Override
  public void close() {
    ended.set(true);
    signals.whenAsked(() -> {});
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    terminal.wipe();
  }

  /// How far it is, for people and for scripts.
  public interface Lines {
    String text();

    String json();
  }
}
