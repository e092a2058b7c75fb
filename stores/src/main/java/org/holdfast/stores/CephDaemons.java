package org.holdfast.stores;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The daemons of a Ceph that `scripts/ceph` has started, to be killed and started again. One
/// thread owns it, and nobody else uses that Ceph meanwhile.
public final class CephDaemons {
  private final Path folder;

  private CephDaemons(Path folder) {
    this.folder = folder;
  }

  /// Those that the environment (`System.getenv()`) names, if it names any.
  public static Optional<CephDaemons> from(Map<String, String> environment) {
    return Optional.ofNullable(environment.get("HOLDFAST_CEPH_FOLDER"))
        .filter(folder -> !folder.isBlank())
        .map(folder -> new CephDaemons(Path.of(folder)));
  }

  /// SIGKILL to one of them: `rgw.a`, `rgw.b`, `osd`, `mgr` or `mon`. It is gone on return.
  public void kill(String daemon) throws IOException, InterruptedException {
    run("kill", daemon);
  }

  /// SIGKILL to all of them.
  public void killAll() throws IOException, InterruptedException {
    run("kill");
  }

  /// Starts those that do not run, where they were; returns when all answer.
  public void startAgain() throws IOException, InterruptedException {
    run("start");
  }

  private void run(String verb, String... more) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(StoreProcess.root().resolve("scripts").resolve("ceph").toString());
    command.add(verb);
    command.add(folder.toString());
    command.addAll(List.of(more));
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    int status = process.waitFor();
    if (status != 0) {
      throw new IOException(command + " ended with " + status);
    }
  }
}
