package org.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.holdfast.core.Clock;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Right;
import org.holdfast.core.Spawner;
import org.holdfast.core.SystemClock;
import org.holdfast.core.UnavailableException;
import org.holdfast.protocol.BlockRef;
import org.holdfast.protocol.InviteToken;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.Session;
import org.holdfast.protocol.TlsConnector;
import org.holdfast.protocol.UnixConnector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ServerTest {
  private static final Clock CLOCK = new SystemClock();
  private static final Spawner SPAWNER = Spawner.virtual();
  private static final byte[] CHUNK = new byte[5000];

  @TempDir Path folder;

  private final World world = new World();

  private ServerConfig config(String... more) throws Exception {
    Path file = folder.resolve("server.conf");
    String text =
        "bucket = dir:bucket\nstate = state\nsecrets = secrets/service\nlisten = 127.0.0.1:0\n"
            + String.join("\n", more)
            + "\n";
    Files.writeString(file, text);
    return ServerConfig.read(file, Map.of());
  }

  private Server start(ServerConfig config) throws HoldfastException {
    return Server.start(config, CLOCK, SPAWNER, Client.RANDOM, world, world.stopped::add);
  }

  private String operate(String... words) throws HoldfastException {
    try (Session session =
        Session.open(
            UnixConnector.connect(folder.resolve("state/operator.sock")), CLOCK, SPAWNER, "test")) {
      Message.OperateReply reply = session.operate(List.of(words));
      if (reply.exitCode() != 0) {
        throw new RefusedException(reply.output());
      }
      return reply.output().strip();
    }
  }

  private Session connect(Server server, InviteToken token) throws HoldfastException {
    TlsConnector connector = new TlsConnector(Client.RANDOM, CLOCK, SPAWNER, 5000, 5000);
    return Session.open(
        connector.connect("127.0.0.1", server.port(), token.serverKey()), CLOCK, SPAWNER, "test");
  }

  @Test
  void serverStopsAndStartsAgainWithoutAScan() throws Exception {
    Client client = new Client();
    InviteToken token;
    List<BlockRef> refs;
    Path killed;
    try (Server server = start(config())) {
      operate("account", "open", "somebody");
      token = InviteToken.decode(operate("invite", "somebody", "laptop"));
      try (Session session = connect(server, token)) {
        session.register(token.invite(), token.secret(), client.machine, "laptop", client.keys);
        client.prove(session, Right.WRITE);
        refs = client.backUp(session, CHUNK);
      }
      assertThat(operate("machine", "list")).contains("laptop");
      assertThat(operate("status")).contains("digest");
      killed = World.copy(folder.resolve("state"), folder.resolve("killed"));
    }
    assertThat(folder.resolve("state/operator.sock")).doesNotExist();
    restores(client, token, refs);
    assertThat(world.told).containsExactly("replaying 0", "replaying 0");

    // As after a kill: the folder as it was while the server ran.
    moveTo(killed);
    world.told.clear();
    restores(client, token, refs);
    assertThat(world.told.getFirst()).isEqualTo("proven");
    assertThat(world.told).noneMatch(told -> told.startsWith("discarded"));
    assertThat(world.stopped).isEmpty();
  }

  private void moveTo(Path killed) throws Exception {
    Files.move(folder.resolve("state"), folder.resolve("stopped"));
    Files.move(killed, folder.resolve("state"));
    Files.setPosixFilePermissions(
        folder.resolve("state"),
        java.nio.file.attribute.PosixFilePermissions.fromString("rwx------"));
  }

  private void restores(Client client, InviteToken token, List<BlockRef> refs) throws Exception {
    try (Server server = start(config());
        Session session = connect(server, token)) {
      client.prove(session, Right.READ);
      assertThat(session.archives(client.machine)).hasSize(1);
      assertThat(client.fetch(session, refs).get(0)).isEqualTo(CHUNK);
    }
  }

  @Test
  void serverWhoseDiskIsNearlyFullWritesNothingAndSaysSo() throws Exception {
    try (Server _ = start(config("disk-low = 1048576", "disk-high = 1048576"))) {
      assertThatThrownBy(() -> operate("account", "open", "somebody"))
          .hasMessageContaining("backups are stopped, restores go on: the state folder's disk has");
      assertThat(operate("status")).contains("\nobstacle backups are stopped", "\ndisk short\n");
    }
    try (Server _ = start(config("disk-low = 0", "disk-high = 0"))) {
      assertThat(operate("account", "open", "somebody")).isNotEmpty();
      assertThatThrownBy(() -> operate("account", "open", "a\nb"))
          .hasMessageContaining("no control characters");
      assertThat(operate("status")).contains("\nbackups taken\n", "\ndisk enough\n");
    }
    assertThatThrownBy(() -> config("disk-low = 20", "disk-high = 10"))
        .hasMessageContaining("disk-high");
  }

  @Test
  void alertCommandOfTheConfigIsTold() throws Exception {
    Path told = folder.resolve("told");
    String command = "alert-command = cat >'" + told + ".new' && mv '" + told + ".new' '" + told;
    try (Server _ = start(config("disk-low = 1048576", "disk-high = 1048576", command + "'"))) {
      while (!Files.exists(told)) {
        assertThat(Thread.interrupted()).as("it takes too long").isFalse();
        LockSupport.parkNanos(1_000_000);
      }
    }
    assertThat(Files.readAllLines(told))
        .anyMatch(line -> line.startsWith("backups are stopped, restores go on: the state folder"))
        .anyMatch(line -> line.matches("free space is short: \\d+ bytes"));
  }

  @Test
  void startsAreInTheTimelineWithWhatBecameOfTheIndex() throws Exception {
    start(config()).close();
    Files.delete(folder.resolve("state/clean"));
    Files.writeString(folder.resolve("state/index/CURRENT"), "nonsense");
    try (Server _ = start(config())) {
      assertThat(operate("work", "drill", "status")).isEqualTo("drill is on");
      assertThat(operate("digests")).startsWith("durable log/").contains("\n");
    }
    List<String> lines = Files.readAllLines(folder.resolve("state/timeline"));
    assertThat(lines.get(0)).endsWith(" start: begun");
    assertThat(lines.get(1)).contains(" start: ended, in ", " 0 segments replayed");
    assertThat(lines.get(2)).endsWith(" start: begun");
    assertThat(lines.get(3)).contains(" start: INDEX DISCARDED: ");
    assertThat(lines.get(4)).matches(".* start: replaying begun, \\d+ segments");
    assertThat(lines.get(5)).matches(".* start: ended, in .* s, [1-9]\\d* segments replayed.*");
    assertThat(lines).hasSize(6);
  }

  @Test
  void startThatFailsHalfWayLeavesNothingOpen() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      ServerConfig blocked = config("listen = 127.0.0.1:" + taken.getLocalPort());
      assertThatThrownBy(() -> start(blocked)).isInstanceOf(UnavailableException.class);
      assertThat(folder.resolve("state/operator.sock")).doesNotExist();
    }
    start(config()).close();
  }

  @Test
  void secondServerOnTheSameFolderIsRefusedAndTheFirstGoesOn() throws Exception {
    try (Server first = start(config())) {
      assertThatThrownBy(() -> start(config())).isInstanceOf(UnavailableException.class);
      operate("account", "open", "somebody");
      assertThat(first.port()).isPositive();
    }
  }

  @Test
  void secretsThatAreMissingOnABucketInUseAreNotMadeAnew() throws Exception {
    start(config()).close();
    Path secrets = folder.resolve("secrets/service");
    String text = Files.readString(secrets);
    Files.delete(secrets);
    assertThatThrownBy(() -> start(config()))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("bring that file back");
    assertThat(secrets).doesNotExist();
    Files.writeString(secrets, text.replaceFirst("service: .", "service: g"));
    assertThatThrownBy(() -> start(config())).isInstanceOf(CorruptException.class);
    Files.writeString(secrets, text);
    start(config()).close();
  }

  @Test
  void emptyFolderDoesNotPassForTheBucketOfAServiceThatExists() throws Exception {
    start(config()).close();
    Files.move(folder.resolve("bucket"), folder.resolve("unmounted"));
    Files.createDirectory(folder.resolve("bucket"));
    assertThatThrownBy(() -> start(config())).isInstanceOf(RefusedException.class);
  }

  @Test
  void settingsThatMakeNoSenseAreNamed() {
    for (String line :
        List.of(
            "lissten = x:1",
            "listen = nowhere",
            "listen = 127.0.0.1:70000",
            "commit-linger = soon",
            "commit-linger = -1",
            "bucket = ftp://x",
            "state =")) {
      assertThatThrownBy(() -> config(line)).as(line).isInstanceOf(RefusedException.class);
    }
    assertThatThrownBy(() -> ServerConfig.read(folder.resolve("nowhere"), Map.of()))
        .isInstanceOf(RefusedException.class);
  }

  @Test
  void cleaningIsSwitchedOffAndOnWhileTheServerRuns() throws Exception {
    try (Server server = start(config("cleaning = off"))) {
      assertThat(server.port()).isPositive();
      assertThat(operate("work", "cleaning", "status"))
          .isEqualTo("cleaning waits: it is switched off");
      assertThat(operate("status"))
          .contains("cleaning_held it is switched off\n", "live_bytes ", "garbage_bytes ");
      assertThat(operate("work", "cleaning", "on")).startsWith("cleaning is on until");
      assertThat(operate("work", "cleaning", "status")).isEqualTo("cleaning is on");
      assertThat(operate("status")).doesNotContain("cleaning_held");
      assertThat(operate("work", "freeing", "off")).startsWith("freeing is off until");
      assertThat(operate("work", "freeing", "status")).contains("switched off");
      assertThatThrownBy(() -> operate("work", "dusting", "off"))
          .hasMessageContaining("there are freeing, cleaning, scrub, image, drill");
      assertThatThrownBy(() -> operate("work", "cleaning", "maybe"))
          .hasMessageContaining("on, off or status");
      assertThatThrownBy(() -> operate("work", "cleaning")).isInstanceOf(RefusedException.class);
    }
  }

  @Test
  void operatorsMistakesAreToldAndHarmNothing() throws Exception {
    try (Server server = start(config())) {
      for (List<String> words :
          List.of(
              List.of("account", "open", "x".repeat(4000)),
              List.of("account", "open"),
              List.of("invite", "nobody"),
              List.of("nonsense"))) {
        assertThatThrownBy(() -> operate(words.toArray(String[]::new)))
            .as("%s", words)
            .isInstanceOf(RefusedException.class);
      }
      operate("account", "open", "somebody");
      assertThatThrownBy(() -> operate("account", "open", "somebody"))
          .isInstanceOf(RefusedException.class);
      assertThatThrownBy(() -> operate("invite", "somebody", "n".repeat(2000)))
          .isInstanceOf(RefusedException.class);
      assertThatThrownBy(() -> operate("invite", "somebody", "laptop", "soon"))
          .isInstanceOf(RefusedException.class);
      assertThat(operate("account", "list")).contains("somebody");
      assertThatThrownBy(() -> operate("machine", "move", "nobody", "somebody"))
          .hasMessageContaining("holdfast machine list");
      assertThatThrownBy(() -> operate("machine", "move", "nobody"))
          .hasMessageContaining("say the account it goes to");
      assertThatThrownBy(() -> operate("machine", "move"))
          .hasMessageContaining("say the machine's name");
      assertThat(server.port()).isPositive();
    }
  }
}
