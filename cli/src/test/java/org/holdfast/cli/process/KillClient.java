package org.holdfast.cli.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import org.holdfast.cli.console.Failures;
import org.holdfast.client.backup.Backup;
import org.holdfast.client.backup.BackupOptions;
import org.holdfast.client.backup.BackupProgress;
import org.holdfast.client.backup.BackupScope;
import org.holdfast.client.select.Exclusions;
import org.holdfast.client.tree.PosixTree;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Spawner;
import org.holdfast.core.SystemClock;
import org.holdfast.protocol.Session;
import org.holdfast.seal.KeyFile;
import org.holdfast.seal.Sealer;

/// A client that stays: a process that makes a backup for each name that comes in on its standard
/// input, and says with which exit code `holdfast backup` would have ended. To start a process
/// takes many times as long as such a backup, and only one that was killed has to be started again.
final class KillClient {
  private static final SecureRandom RANDOM = new SecureRandom();

  private KillClient() {}

  /// With the machine's folder and the port of its service.
  public static void main(String... arguments) throws Exception {
    KillHome home = new KillHome(Path.of(arguments[0]), Integer.parseInt(arguments[1]));
    System.out.println("ready");
    var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String name = lines.readLine(); name != null; name = lines.readLine()) {
      System.out.println(backUp(home, name));
    }
    Runtime.getRuntime().halt(0);
  }

  private static int backUp(KillHome home, String name) throws Exception {
    KeyFile keyFile = home.keyFile();
    try (Session session = home.session(keyFile)) {
      return backUp(home, keyFile, session, name);
    } catch (HoldfastException e) {
      return failed(name, e);
    }
  }

  private static int backUp(KillHome home, KeyFile keyFile, Session session, String name)
      throws Exception {
    var scope =
        BackupScope.of(
            List.of(KillHome.bytes(home.tree())),
            List.of(KillHome.bytes(home.cache())),
            Exclusions.NONE);
    var options =
        new BackupOptions(name, List.of(), "", "host", "user", "kill", Sealer.DEFAULT_LEVEL, 2);
    Backup backup =
        new Backup(
            session,
            keyFile,
            PosixTree::open,
            home.machineFolder(),
            new SystemClock(),
            Spawner.virtual(),
            Spawner.platform(),
            RANDOM,
            new BackupProgress());
    try {
      var _ = backup.run(scope, options);
      return 0;
    } catch (HoldfastException | IOException e) {
      int code = failed(name, e);
      return backup.outcome() == Backup.Outcome.ARCHIVE ? 2 : code;
    }
  }

  private static int failed(String name, Exception e) {
    System.err.println(name + ": " + Failures.line(e));
    return Failures.exitCode(e);
  }
}
