package org.holdfast.cli.console;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/// What this machine calls itself. An edge: asks the kernel, since Java would ask the network.
public final class Host {
  private Host() {}

  /// What this process has used of all processors, in ns; 0 where the kernel does not say.
  public static long processorNanos() {
    return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO).toNanos();
  }

  public static String name() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    } catch (IOException e) {
      return "";
    }
  }
}
