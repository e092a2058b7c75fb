package org.holdfast.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// A service with a long past, as `bench/history` makes it, of chunks with so many bytes in the
/// mean.
record SyntheticLog(long records, int blockLength) {
  /// In a folder, unless it holds one; `holdfast` is the launcher. What is printed goes to a file
  /// in `work`.
  void make(Path folder, Path holdfast, Path work) throws IOException, InterruptedException {
    if (Files.exists(folder.resolve("server.conf"))) {
      return;
    }
    System.err.println("making a log of " + records + " records");
    new Command(Map.of(), work.resolve("log"))
        .run(
            work,
            List.of(
                holdfast.resolveSibling("bench").resolve("history").toString(),
                folder.toString(),
                "--records",
                Long.toString(records),
                "--block-length",
                Integer.toString(blockLength)));
  }
}
