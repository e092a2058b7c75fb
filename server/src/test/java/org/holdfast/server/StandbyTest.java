package org.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import org.holdfast.core.Clock;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Right;
import org.holdfast.core.Spawner;
import org.holdfast.core.SystemClock;
import org.holdfast.core.UnavailableException;
import org.holdfast.protocol.BlockRef;
import org.holdfast.protocol.InviteToken;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.ServerMode;
import org.holdfast.protocol.Session;
import org.holdfast.protocol.TlsConnector;
import org.holdfast.protocol.UnixConnector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Two servers of a service, over their sockets.
@Timeout(120)
class StandbyTest {
  private static final Clock CLOCK = new SystemClock();
  private static final Spawner SPAWNER = Spawner.virtual();

  @TempDir Path folder;

  private final World world = new World();
  private final List<Server> running = new ArrayList<>();
  private int portA;
  private int portB;

  @BeforeEach
  void ports() throws Exception {
    portA = freePort();
    portB = freePort();
  }

  @AfterEach
  void stop() throws Exception {
    for (Server server : running) {
      server.close();
    }
  }

  private static int freePort() throws Exception {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private ServerConfig config(String name, int port, int partner, String after) throws Exception {
    Path file = folder.resolve(name + ".conf");
    Files.writeString(
        file,
        """
        bucket = dir:bucket
        state = %s
        secrets = secrets
        listen = 127.0.0.1:%d
        partner = 127.0.0.1:%d
        take-over-after = %s
        """
            .formatted(name, port, partner, after));
    return ServerConfig.read(file, Map.of());
  }

  private Running start(ServerConfig config, Server.Role role) throws HoldfastException {
    Running started = new Running();
    started.server = Server.start(config, role, CLOCK, SPAWNER, Client.RANDOM, world, started);
    running.add(started.server);
    return started;
  }

  private void close(Running each) throws HoldfastException {
    running.remove(each.server);
    each.server.close();
  }

  private String operate(String name, String... words) throws HoldfastException {
    try (Session session =
        Session.open(
            UnixConnector.connect(folder.resolve(name + "/operator.sock")),
            CLOCK,
            SPAWNER,
            "test")) {
      Message.OperateReply reply = session.operate(List.of(words));
      if (reply.exitCode() != 0) {
        throw new RefusedException(reply.output());
      }
      return reply.output().strip();
    }
  }

  private Session connect(Running at, InviteToken token) throws HoldfastException {
    TlsConnector connector = new TlsConnector(Client.RANDOM, CLOCK, SPAWNER, 5000, 5000);
    return Session.open(
        connector.connect("127.0.0.1", at.server.port(), token.serverKey()),
        CLOCK,
        SPAWNER,
        "test");
  }

  private InviteToken register(String name, Running owner, Client client) throws Exception {
    operate(name, "account", "open", "somebody");
    InviteToken token = InviteToken.decode(operate(name, "invite", "somebody", "laptop"));
    try (Session session = connect(owner, token)) {
      session.register(token.invite(), token.secret(), client.machine, "laptop", client.keys);
    }
    return token;
  }

  private List<BlockRef> backUp(Running at, InviteToken token, Client client, byte... content)
      throws HoldfastException {
    try (Session session = connect(at, token)) {
      client.prove(session, Right.WRITE);
      return client.backUp(session, content);
    }
  }

  private ServerMode mode(Running at, InviteToken token) throws HoldfastException {
    try (Session session = connect(at, token)) {
      return session.mode();
    }
  }

  @Test
  void standbyServesRestoresAndTakesOverWhenTheOwnerIsGone() throws Exception {
    Client client = new Client();
    Running a = start(config("a", portA, portB, "2"), Server.Role.OWNER);
    InviteToken token = register("a", a, client);
    Running b = start(config("b", portB, portA, "2"), Server.Role.STANDBY);
    List<BlockRef> refs = backUp(a, token, client, (byte) 1);
    assertThat(mode(b, token)).isEqualTo(ServerMode.STANDBY);
    try (Session session = connect(b, token)) {
      client.prove(session, Right.READ);
      client.prove(session, Right.WRITE);
      await(() -> client.fetch(session, refs).containsKey(0));
      assertThatThrownBy(() -> client.backUp(session, new byte[] {2}))
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining("restores only");
      assertThat(operate("b", "status")).contains("role standby", "partner_state owner");

      close(a);
      await(() -> b.owned > 0);
      assertThat(mode(b, token)).isEqualTo(ServerMode.ALL);
      // The session goes on, and what was read is what was stored.
      assertThat(client.fetch(session, refs).get(0)).isEqualTo(new byte[] {1});
    }
    List<BlockRef> more = backUp(b, token, client, (byte) 3);
    assertThat(operate("b", "status")).contains("role owner", "backups taken");

    // Who was away does not take the log from who has it.
    Running again = start(config("a", portA, portB, "2"), Server.Role.OWNER);
    assertThat(again.server.isStandby()).isTrue();
    try (Session session = connect(again, token)) {
      client.prove(session, Right.READ);
      await(() -> client.fetch(session, more).containsKey(0));
    }
    assertThat(b.roles).isEmpty();
    assertThat(backUp(b, token, client, (byte) 4)).hasSize(1);
  }

  @Test
  void commandMakesAStandbyTheOwnerAndTheOwnerAStandby() throws Exception {
    Client client = new Client();
    Running a = start(config("a", portA, portB, "never"), Server.Role.OWNER);
    InviteToken token = register("a", a, client);
    assertThatThrownBy(() -> operate("a", "take-over"))
        .hasMessageContaining("owns the log already");
    Running b = start(config("b", portB, portA, "never"), Server.Role.STANDBY);
    backUp(a, token, client, (byte) 1);
    assertThat(operate("b", "take-over")).contains("owns the log");
    backUp(b, token, client, (byte) 2);
    // Nobody asks it for anything: it hears it from its partner.
    await(() -> a.roles.equals(List.of(Server.Role.AFTER_LOSS)));
    close(a);
    Running again = start(config("a", portA, portB, "never"), Server.Role.AFTER_LOSS);
    assertThat(mode(again, token)).isEqualTo(ServerMode.STANDBY);
    assertThat(operate("a", "take-over")).contains("owns the log");
    assertThat(backUp(again, token, client, (byte) 3)).hasSize(1);
  }

  @Test
  void ownerThatWritesIsNotSilentThoughItCannotBeReached() throws Exception {
    Client client = new Client();
    Running a = start(config("a", portA, portB, "2"), Server.Role.OWNER);
    InviteToken token = register("a", a, client);
    // Nobody listens where it takes its partner to be.
    Running b = start(config("b", portB, freePort(), "2"), Server.Role.STANDBY);
    long end = CLOCK.nanos() + 5_000_000_000L;
    while (CLOCK.nanos() < end) {
      backUp(a, token, client, (byte) 1);
      LockSupport.parkNanos(200_000_000);
    }
    assertThat(b.owned).isZero();
    await(() -> b.owned > 0);
    assertThatThrownBy(() -> backUp(a, token, client, (byte) 2))
        .isInstanceOf(HoldfastException.class);
    await(() -> a.roles.equals(List.of(Server.Role.AFTER_LOSS)));
  }

  @Test
  void whoHasLostTheLogDoesNotTakeItBackWhileItHearsNothing() throws Exception {
    Running a = start(config("a", portA, portB, "2"), Server.Role.OWNER);
    close(a);
    int nobody = freePort();
    Running lost = start(config("a", portA, nobody, "2"), Server.Role.AFTER_LOSS);
    Running fresh = start(config("b", portB, nobody, "2"), Server.Role.STANDBY);
    assertThat(operate("a", "status")).contains("takes_over_alone no");
    assertThat(operate("b", "status")).contains("takes_over_alone yes");
    await(() -> fresh.owned > 0);
    LockSupport.parkNanos(4_000_000_000L);
    assertThat(lost.owned).isZero();
    // Once it has heard from the owner it may.
    close(lost);
    Running hears = start(config("a", portA, portB, "2"), Server.Role.AFTER_LOSS);
    await(() -> operate("a", "status").contains("takes_over_alone yes"));
    close(fresh);
    await(() -> hears.owned > 0);
  }

  @Test
  void serverIsNotItsOwnPartner() throws Exception {
    assertThatThrownBy(() -> start(config("a", portA, portA, "2"), Server.Role.OWNER))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("this server itself");
  }

  @Test
  void serviceIsNotMadeByItsStandby() throws Exception {
    assertThatThrownBy(() -> start(config("b", portB, portA, "2"), Server.Role.STANDBY))
        .isInstanceOf(RefusedException.class);
    assertThat(folder.resolve("bucket")).doesNotExist();
    assertThat(folder.resolve("secrets")).doesNotExist();
  }

  private static void await(Condition condition) throws Exception {
    while (!condition.holds()) {
      LockSupport.parkNanos(20_000_000);
    }
  }

  private interface Condition {
    boolean holds() throws Exception;
  }

  /// A server, and what became of it.
  private static final class Running implements Server.Listener {
    private final List<Server.Role> roles = new CopyOnWriteArrayList<>();
    private volatile int owned;
    private Server server;

    @Override
    public void owns() {
      owned++;
    }

    @Override
    public void again(Server.Role role) {
      roles.add(role);
    }

    @Override
    public void stopped(Exception reason) {
      throw new AssertionError("stopped", reason);
    }
  }
}
