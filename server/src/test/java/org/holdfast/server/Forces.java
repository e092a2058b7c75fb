package org.holdfast.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;

/// What this process has Java force to the disk, by the JDK's own recorder: files and folders, by
/// their paths.
final class Forces implements AutoCloseable {
  private final Recording recording = new Recording();
  private final Path file;

  private Forces(Path file) {
    this.file = file;
  }

  /// From here on. `file` is where the record goes.
  static Forces begin(Path file) {
    Forces forces = new Forces(file);
    forces.recording.enable("jdk.FileForce").withThreshold(Duration.ZERO).withoutStackTrace();
    forces.recording.start();
    return forces;
  }

  /// Up to here, below this folder.
  List<String> below(Path folder) throws IOException {
    recording.dump(file);
    List<String> paths =
        RecordingFile.readAllEvents(file).stream()
            .map(event -> event.getString("path"))
            .filter(path -> path != null && path.startsWith(folder.toString()))
            .toList();
    Files.delete(file);
    return paths;
  }

  @Override
  public void close() {
    recording.close();
  }
}
