package org.holdfast.cli.process;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Spawner;
import org.holdfast.core.SystemClock;
import org.holdfast.protocol.Session;
import org.holdfast.protocol.TlsConnector;
import org.holdfast.seal.KeyFile;
import org.holdfast.seal.KeyFileFormat;
import org.holdfast.seal.KeyFileReading;

/// The folder of a machine of the [KillTest], and where its service is.
record KillHome(Path folder, int port) {
  private static final SecureRandom RANDOM = new SecureRandom();

  Path tree() {
    return folder.resolve("tree");
  }

  Path cache() {
    return folder.resolve(".cache/holdfast");
  }

  KeyFile keyFile() throws Exception {
    byte[] bytes = Files.readAllBytes(folder.resolve(".config/holdfast/key"));
    if (KeyFileFormat.read(bytes, null) instanceof KeyFileReading.Open open) {
      return open.file();
    }
    throw new AssertionError("a key file without a passphrase opens");
  }

  /// The machine's own part of the cache.
  Path machineFolder() throws Exception {
    return cache().resolve("machines").resolve(keyFile().machineId().toString());
  }

  Session session(KeyFile keyFile) throws HoldfastException {
    Spawner spawner = Spawner.virtual();
    TlsConnector connector = new TlsConnector(RANDOM, new SystemClock(), spawner, 10_000, 20_000);
    var connection = connector.connect("127.0.0.1", port, keyFile.serverKey().orElseThrow());
    return Session.open(connection, new SystemClock(), spawner, "kill test");
  }

  static byte[] bytes(Path path) {
    return path.toString().getBytes(StandardCharsets.UTF_8);
  }
}
