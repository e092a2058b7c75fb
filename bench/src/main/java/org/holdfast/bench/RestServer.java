package org.holdfast.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;

/// restic's REST server with TLS, on a folder.
///
/// @param certificate which a client has to trust
/// @param requestLog has a line for each request
record RestServer(int port, Path certificate, Path requestLog, ServerProcess process)
    implements Service {
  private static final String PASSWORD = "not secret";
  private static final String ALIAS = "bench";

  /// Starts it, with its certificate and its log in `folder`.
  static RestServer start(String program, Path folder, Path repository, Path log)
      throws IOException, InterruptedException {
    Path certificate = folder.resolve("rest.crt");
    Path key = folder.resolve("rest.key");
    Command command = new Command(Map.of(), log);
    makeCertificate(command, folder, certificate, key);
    Path requestLog = Files.createFile(folder.resolve("requests"));
    int port = ServerProcess.freePort();
    List<String> words =
        List.of(
            program,
            "--tls",
            "--tls-cert",
            certificate.toString(),
            "--tls-key",
            key.toString(),
            "--no-auth",
            "--path",
            repository.toString(),
            "--listen",
            "127.0.0.1:" + port,
            "--log",
            requestLog.toString());
    return new RestServer(
        port,
        certificate,
        requestLog,
        ServerProcess.start(command, folder, words, () -> ServerProcess.listens(port)));
  }

  /// By the JDK's own keytool, so that nothing else need be installed; as PEM, which Go reads.
  private static void makeCertificate(Command command, Path folder, Path certificate, Path key)
      throws IOException, InterruptedException {
    Path store = folder.resolve("rest.p12");
    command.run(
        folder,
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
            "-genkeypair",
            "-alias",
            ALIAS,
            "-keyalg",
            "EC",
            "-groupname",
            "secp256r1",
            "-dname",
            "CN=127.0.0.1",
            "-ext",
            "san=ip:127.0.0.1",
            "-storetype",
            "PKCS12",
            "-keystore",
            store.toString(),
            "-storepass",
            PASSWORD));
    try (InputStream in = Files.newInputStream(store)) {
      KeyStore keys = KeyStore.getInstance("PKCS12");
      keys.load(in, PASSWORD.toCharArray());
      writePem(certificate, "CERTIFICATE", keys.getCertificate(ALIAS).getEncoded());
      writePem(key, "PRIVATE KEY", keys.getKey(ALIAS, PASSWORD.toCharArray()).getEncoded());
    } catch (GeneralSecurityException e) {
      throw new IOException("keytool's key store cannot be read", e);
    }
  }

  private static void writePem(Path file, String what, byte[] bytes) throws IOException {
    String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
    Files.writeString(
        file,
        "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(what, base64, what),
        StandardCharsets.US_ASCII);
  }

  String url() {
    return "rest:https://127.0.0.1:" + port + "/";
  }

  /// Of its client: each is one file of the repository or a list, as it would be in a bucket.
  @Override
  public OptionalLong requests() throws IOException {
    try (Stream<String> lines = Files.lines(requestLog)) {
      return OptionalLong.of(lines.count());
    }
  }
}
