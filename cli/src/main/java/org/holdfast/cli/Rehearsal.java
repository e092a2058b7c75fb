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
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Spawner;
import org.holdfast.core.SystemClock;
import org.holdfast.server.Server;
import org.holdfast.server.ServerConfig;
import org.holdfast.server.shard.ShardStart;

/// A client's commands, one after the other in this process and with a server in it, so that Java
/// can keep what they load (its AOT cache, JEP 514). The launcher runs it once after a build, in an
/// empty folder. An edge.
public final class Rehearsal {
  private static final int FILES = 40;

  /// Enough for every loop over content to be compiled as well as it ever will be, so that what was
  /// learned of it is kept too (JEP 515): a client's first seconds go by in slow code otherwise.
  private static final int LARGE_FILES = 12;

  private static final int LARGE_LENGTH = 16 << 20;
  private static final int SMALL_FILES = 3_000;

  private final Path folder;
  private final Map<String, String> variables;
  private final SecureRandom random = new SecureRandom();
  private final Signals signals = Signals.listen();

  private Rehearsal(Path folder) {
    this.folder = folder;
    this.variables =
        Map.of(
            "HOLDFAST_CONFIG", folder.resolve("server.conf").toString(),
            "HOLDFAST_KEYFILE", folder.resolve("key").toString(),
            "HOLDFAST_CACHE", folder.resolve("cache").toString());
  }

  public static void main(String... words) throws IOException, HoldfastException {
    new Rehearsal(Path.of(words[0]).toRealPath()).play();
    Runtime.getRuntime().halt(ExitCode.DONE);
  }

  private void play() throws IOException, HoldfastException {
    Path config = folder.resolve("server.conf");
    Files.writeString(
        config, "bucket = dir:bucket\nstate = state\nsecrets = secrets\nlisten = 127.0.0.1:0\n");
    try (Server server =
        Server.start(
            ServerConfig.read(config, Map.of()),
            new SystemClock(),
            Spawner.virtual(),
            random,
            ShardStart.Listener.NONE,
            _ -> {})) {
      say("account", "open", "rehearsal");
      String invite = say("invite", "rehearsal").strip();
      String address = "127.0.0.1:" + server.port();
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
      say("backup", bulk().toString());
      say("restore", "latest", "--target", folder.resolve("bulk restored").toString());
      say("archives");
      say("ls", "latest");
      say("delete", "--dry-run", "latest~2");
      say("delete", "latest~1");
      say("retain", "--keep-last", "5");
      say("undelete", "--list");
      say("restore", "latest", "--target", folder.resolve("restored").toString());
    }
  }

  private Path bulk() throws IOException {
    Path bulk = Files.createDirectory(folder.resolve("bulk"));
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
    return bulk;
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
