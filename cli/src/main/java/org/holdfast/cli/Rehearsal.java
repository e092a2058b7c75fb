package org.holdfast.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Map;
import org.holdfast.cli.console.ExitCode;
import org.holdfast.cli.console.Signals;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.cli.console.Terminal;
import org.holdfast.client.tree.RawArguments;
import org.holdfast.core.Folders;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Spawner;
import org.holdfast.core.SystemClock;
import org.holdfast.server.Server;
import org.holdfast.server.ServerConfig;
import org.holdfast.server.shard.ShardStart;

/// A client's commands, one after the other in this process and with a server in it, so that Java
/// can keep what they load (its AOT cache, JEP 514). The launcher runs it once after a build, in an
/// empty folder. Another one, with a short path, is for the server's socket.
///
/// The backup and restore of much come before the commands that only look, change or delete: after
/// these, what Java keeps of the loops made backups take a quarter more of the processor in every
/// second rehearsal. Where there is no room for much, little has to do. An edge.
public final class Rehearsal {
  private static final int FILES = 40;

  /// Enough for every loop over content to be compiled as well as it ever will be, so that what was
  /// learned of it is kept too (JEP 515): a client's first seconds go by in slow code otherwise.
  private static final int LARGE_FILES = 8;

  private static final int LARGE_LENGTH = 16 << 20;
  private static final int SMALL_FILES = 3_000;

  private final Path folder;
  private final Path sockets;
  private final Map<String, String> variables;
  private final SecureRandom random = new SecureRandom();
  private final Signals signals = Signals.listen();

  private Rehearsal(Path folder, Path sockets) {
    this.folder = folder;
    this.sockets = sockets;
    this.variables =
        Map.of(
            "HOLDFAST_CONFIG", folder.resolve("server.conf").toString(),
            "HOLDFAST_KEYFILE", folder.resolve("key").toString(),
            "HOLDFAST_CACHE", folder.resolve("cache").toString());
  }

  public static void main(String... words) throws IOException, HoldfastException {
    new Rehearsal(Path.of(words[0]).toRealPath(), Path.of(words[1]).toRealPath()).play();
    Runtime.getRuntime().halt(ExitCode.DONE);
  }

  private void play() throws IOException, HoldfastException {
    Path config = folder.resolve("server.conf");
    Files.writeString(
        config,
        """
        bucket = dir:bucket
        state = state
        secrets = secrets
        listen = 127.0.0.1:0
        socket = %s
        disk-low = 16
        disk-high = 32
        """
            .formatted(sockets.resolve("operator.sock")));
    try (Server server =
        Server.start(
            ServerConfig.read(config, Map.of()),
            new SystemClock(),
            Spawner.virtual(),
            random,
            ShardStart.Listener.NONE,
            _ -> {})) {
      playAll("127.0.0.1:" + server.port());
    }
    makeRoom();
  }

  /// Java takes some for what it keeps, before the launcher deletes the folder.
  private void makeRoom() {
    try {
      Folders.delete(folder);
    } catch (IOException e) {
      System.err.println("what was rehearsed with stays for now: " + e.getMessage());
    }
  }

  private void playAll(String address) throws IOException {
    say("account", "open", "rehearsal");
    String invite = say("invite", "rehearsal").strip();
    say("init", "--service", address, "--invite", invite, "--machine", "rehearsal");
    Path tree = Files.createDirectory(folder.resolve("tree"));
    for (int round = 0; round < 3; round++) {
      for (int i = round; i < FILES; i += round + 1) {
        byte[] content = new byte[1 << (8 + i % 10)];
        random.nextBytes(content);
        Files.write(tree.resolve("file" + i), content);
      }
      say("backup", tree.toString());
    }
    playBulk();
    say("archives");
    say("ls", "latest");
    say("delete", "--dry-run", "latest~2");
    // Of much that found no room.
    say("delete", "latest~1", "--end-backup");
    say("retain", "--keep-last", "5");
    say("undelete", "--list");
    say("restore", "latest~1", "--target", folder.resolve("restored").toString());
  }

  /// At most the files, and what the bucket keeps of them, are on the disk: 300 MB.
  private void playBulk() throws IOException {
    Path bulk = Files.createDirectory(folder.resolve("bulk"));
    Path restored = folder.resolve("bulk restored");
    try {
      fill(bulk);
      say("backup", bulk.toString());
      Folders.delete(bulk);
      say("restore", "latest", "--target", restored.toString());
    } catch (IOException e) {
      System.err.println("much content was not rehearsed with: " + e.getMessage());
    } finally {
      Folders.delete(bulk);
      Folders.delete(restored);
    }
  }

  private void fill(Path bulk) throws IOException {
    byte[] content = new byte[LARGE_LENGTH];
    for (int i = 0; i < LARGE_FILES; i++) {
      random.nextBytes(content);
      Files.write(bulk.resolve("large" + i), content);
    }
    for (int i = 0; i < SMALL_FILES; i++) {
      Path in = bulk.resolve("folder" + i / 100);
      Files.createDirectories(in);
      Files.writeString(
          in.resolve("small" + i), "a small file, number %d\n".formatted(i).repeat(40));
    }
  }

  /// Runs a command and answers what it prints.
  private String say(String... words) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Surroundings surroundings =
        new Surroundings(
            variables,
            RawArguments.of(words),
            new SystemClock(),
            Spawner.virtual(),
            random,
            Terminal.into(stream(out), stream(err)),
            signals);
    if (Main.run(surroundings, words) != ExitCode.DONE) {
      throw new IOException(
          String.join(" ", words) + " failed: " + err.toString(StandardCharsets.UTF_8));
    }
    surroundings.terminal().flush();
    return out.toString(StandardCharsets.UTF_8);
  }

  private static PrintStream stream(ByteArrayOutputStream to) {
    return new PrintStream(to, false, StandardCharsets.UTF_8);
  }
}
