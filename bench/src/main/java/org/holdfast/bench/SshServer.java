package org.holdfast.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// An sshd of the present user on a port of its own, with keys of its own, for one client.
///
/// @param clientKey which it lets in
record SshServer(int port, Path clientKey, ServerProcess process) implements Service {
  /// Starts it, with its keys and its config in `folder`. The programs that it runs keep what they
  /// keep at home in `home`.
  static SshServer start(String sshd, Path folder, Path home, Path log)
      throws IOException, InterruptedException {
    Command command = new Command(Map.of(), log);
    int port = ServerProcess.freePort();
    Path config = prepare(command, folder, home, port);
    List<String> words = List.of(sshd, "-D", "-e", "-f", config.toString());
    return new SshServer(
        port,
        clientKey(folder),
        ServerProcess.start(command, folder, words, () -> ServerProcess.listens(port)));
  }

  /// Why it cannot be started here, as far as sshd itself can say; empty if it can.
  static Optional<String> obstacle(String sshd, Path folder, Path log) throws InterruptedException {
    Path said = folder.resolve("sshd.says");
    try {
      Folders.fresh(folder);
      Path config = prepare(new Command(Map.of(), log), folder, folder, ServerProcess.freePort());
      new Command(Map.of(), said).run(folder, List.of(sshd, "-t", "-f", config.toString()));
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(firstLine(said).orElse("no sshd, or no ssh-keygen"));
    }
  }

  private static Optional<String> firstLine(Path file) {
    try {
      return Files.readAllLines(file).stream().findFirst();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Path prepare(Command command, Path folder, Path home, int port)
      throws IOException, InterruptedException {
    Path hostKey = folder.resolve("host-key");
    makeKey(command, folder, hostKey);
    makeKey(command, folder, clientKey(folder));
    return Files.writeString(
        folder.resolve("sshd.conf"),
        """
        Port %d
        ListenAddress 127.0.0.1
        HostKey "%s"
        AuthorizedKeysFile "%s.pub"
        PidFile none
        StrictModes no
        UsePAM no
        PasswordAuthentication no
        KbdInteractiveAuthentication no
        PermitRootLogin prohibit-password
        SetEnv BORG_BASE_DIR="%s"
        """
            .formatted(port, hostKey, clientKey(folder), home));
  }

  private static void makeKey(Command command, Path folder, Path file)
      throws IOException, InterruptedException {
    command.run(
        folder, List.of("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file.toString()));
  }

  private static Path clientKey(Path folder) {
    return folder.resolve("client-key");
  }

  /// A folder's address.
  String url(Path repository) {
    return "ssh://%s@127.0.0.1:%d%s".formatted(System.getProperty("user.name"), port, repository);
  }

  /// How a client reaches it, as a shell reads it.
  String clientCommand() {
    return ("ssh -F none -p %d -i '%s' -o BatchMode=yes -o StrictHostKeyChecking=no"
            + " -o UserKnownHostsFile=/dev/null -o IdentitiesOnly=yes -o LogLevel=ERROR")
        .formatted(port, clientKey);
  }

  @Override
  public OptionalLong requests() {
    return OptionalLong.empty();
  }

  /// Each connection has processes of its own, which end with it.
  @Override
  public OptionalLong peakBytes() {
    return OptionalLong.empty();
  }
}
