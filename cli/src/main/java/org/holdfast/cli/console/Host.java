package org.holdfast.cli.console;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/// What this machine calls itself, and has. An edge: asks the kernel, since Java would ask the
/// network.
public final class Host {
  private Host() {}

  /// What all processes of the machine have used of its processors, in ns, but for those that leave
  /// them to any other (nice); 0 where the kernel does not say.
  public static long processorNanos() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/stat"))) {
      // cpu user nice system idle iowait irq softirq steal: proc(5), in hundredths of a second
      String[] words = lines.findFirst().orElse("").split(" +", -1);
      long used = 0;
      for (int field : new int[] {1, 3, 6, 7, 8}) {
        used += Long.parseLong(words[field]);
      }
      return used * 10_000_000;
    } catch (IOException
        | UncheckedIOException
        | NumberFormatException
        | IndexOutOfBoundsException e) {
      return 0;
    }
  }

  public static String name() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    } catch (IOException e) {
      return "";
    }
  }

  /// Whether a folder is there, or a link to one.
  public static boolean isFolder(Path path) {
    return Files.isDirectory(path);
  }
}
