package org.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.holdfast.core.Clock;
import org.holdfast.core.Folders;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Right;
import org.holdfast.core.Spawner;
import org.holdfast.core.SystemClock;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.LogWriter;
import org.holdfast.protocol.BlockRef;
import org.holdfast.protocol.InviteToken;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.ServerMode;
import org.holdfast.protocol.Session;
import org.holdfast.protocol.TlsConnector;
import org.holdfast.protocol.UnixConnector;
import org.holdfast.server.recovery.Sorting;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A server whose index is lost answers while it makes another, over its sockets
/// (`docs/recovery.md`, "Restores while it recovers").
@Timeout(120)
class RecoveringServerTest {
  private static final Clock CLOCK = new SystemClock();
  private static final Spawner SPAWNER = Spawner.virtual();
  private static final int BLOCKS = 300;

  @TempDir Path folder;

  private final World world = new World();
  private final HeldIndex.Gates gates = new HeldIndex.Gates();

  /// In the order of their ids, in which they are loaded.
  private Client first;

  private Client second;
  private InviteToken token;
  private List<BlockRef> blocksOfFirst;
  private List<BlockRef> blocksOfSecond;
  private final CompletableFuture<Integer> port = new CompletableFuture<>();
  private Future<Server> starting;

  @BeforeEach
  void makeLogAndLoseTheIndex() throws Exception {
    List<Client> clients =
        Stream.generate(Client::new)
            .limit(3)
            .sorted(Comparator.comparing(each -> each.machine))
            .toList();
    first = clients.get(0);
    second = clients.get(1);
    Client last = clients.get(2);
    try (Server server =
        Server.start(config(), CLOCK, SPAWNER, Client.RANDOM, world, (Exception e) -> fail(e))) {
      operate("account", "open", "somebody");
      register(server.port(), first, "first");
      register(server.port(), second, "second");
      register(server.port(), last, "last");
      blocksOfFirst = backUp(server.port(), first);
      blocksOfSecond = backUp(server.port(), second);
      // The digest behind it is the one that proves the others: it is not in the index before.
      backUp(server.port(), last);
    }
    Folders.delete(folder.resolve("state"));
  }

  @AfterEach
  void stop() throws Exception {
    gates.releaseAll();
    if (starting != null) {
      starting.get().close();
    }
  }

  private static void fail(Exception why) {
    throw new AssertionError("stopped", why);
  }

  private ServerConfig config() throws Exception {
    Path file = folder.resolve("server.conf");
    Files.writeString(
        file,
        """
        bucket = dir:bucket
        state = state
        secrets = secrets
        listen = 127.0.0.1:0
        image-days = 0
        """);
    return ServerConfig.read(file, Map.of());
  }

  /// In the background, with few segments enough to sort, and few blocks in a file.
  private void start(ServerConfig config) {
    starting =
        Executors.newVirtualThreadPerTaskExecutor()
            .submit(() ->
                Server.start(
                    config,
                    Server.Role.OWNER,
                    CLOCK,
                    SPAWNER,
                    Client.RANDOM,
                    world,
                    new Server.Listener() {
                      @Override
                      public void listens(int bound) {
                        port.complete(bound);
                      }

                      @Override
                      public void stopped(Exception reason) {
                        fail(reason);
                      }
                    },
                    this::held));
  }

  private Service.Terms held(Service.Terms terms) {
    return new Service.Terms(
        terms.service(),
        terms.key(),
        terms.bucket(),
        terms.clock(),
        terms.spawner(),
        terms.random(),
        terms.lingerMillis(),
        terms.graceMillis(),
        terms.patienceMillis(),
        gates,
        terms.segmentDataLength(),
        LogWriter.IN_FLIGHT_MAX,
        new Sorting(1, BLOCKS / 4));
  }

  private Session connect(int at) throws HoldfastException {
    TlsConnector connector = new TlsConnector(Client.RANDOM, CLOCK, SPAWNER, 5000, 5000);
    return Session.open(
        connector.connect("127.0.0.1", at, token.serverKey()), CLOCK, SPAWNER, "test");
  }

  private Session connect() throws Exception {
    return connect(port.get());
  }

  private void register(int at, Client client, String name) throws HoldfastException {
    token = InviteToken.decode(operate("invite", "somebody", name));
    try (Session session = connect(at)) {
      session.register(token.invite(), token.secret(), client.machine, name, client.keys);
    }
  }

  private List<BlockRef> backUp(int at, Client client) throws HoldfastException {
    try (Session session = connect(at)) {
      client.prove(session, Right.WRITE);
      return client.backUp(
          session,
          IntStream.range(0, BLOCKS).mapToObj(i -> content(client, i)).toArray(byte[][]::new));
    }
  }

  private static byte[] content(Client client, int block) {
    return (client.machine + " " + block).getBytes(java.nio.charset.StandardCharsets.UTF_8);
  }

  private static void checkAll(Client client, Session session, List<BlockRef> refs)
      throws HoldfastException {
    Map<Integer, byte[]> found = client.fetch(session, refs);
    for (int i = 0; i < BLOCKS; i++) {
      assertThat(found.get(i)).isEqualTo(content(client, i));
    }
    assertThat(session.archives(client.machine)).hasSize(1);
    assertThat(session.state(client.machine).highestSequence()).isEqualTo(1);
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

  private SortedSet<String> bucket() throws Exception {
    try (Stream<Path> files = Files.walk(folder.resolve("bucket"))) {
      return new TreeSet<>(files.filter(Files::isRegularFile).map(Path::toString).toList());
    }
  }

  /// A session that may read, once the machine is complete.
  private Session awaitComplete(Client client) throws Exception {
    while (true) {
      Session session = connect();
      try {
        client.prove(session, Right.READ);
        return session;
      } catch (UnavailableException e) {
        session.close();
        rest();
      }
    }
  }

  private void checkNotYet(Client client, String why) throws Exception {
    try (Session session = connect()) {
      assertThat(session.mode()).isEqualTo(ServerMode.RECOVERING);
      for (Right right : List.of(Right.READ, Right.WRITE)) {
        assertThatThrownBy(() -> client.prove(session, right))
            .isInstanceOf(UnavailableException.class)
            .hasMessageContaining(why)
            .hasMessageContaining("try again later");
      }
    }
  }

  @Test
  void completeMachineIsServedAndNoOtherUntilAllAre() throws Exception {
    gates.held.set(second.machine);
    gates.takesPlace.countDown();
    start(config());
    checkNotYet(first, "serves nothing yet");
    assertThat(operate("status")).contains("role recovering", "recovering_step");
    SortedSet<String> before = bucket();

    gates.opens.countDown();
    Session early = awaitComplete(first);
    checkAll(first, early, blocksOfFirst);
    checkNotYet(second, "cannot be restored from yet");
    checkNotYet(new Client(), "cannot be restored from yet");
    // The proof is asked for as ever.
    try (Session session = connect()) {
      Client thief = new Client(first.machine);
      assertThatThrownBy(() -> thief.prove(session, Right.READ))
          .isInstanceOf(RefusedException.class);
    }
    // A backup ends before it goes by what it is shown.
    assertThatThrownBy(() -> first.prove(early, Right.WRITE))
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("serves restores only");
    assertThatThrownBy(() -> new Client().register(early)).isInstanceOf(UnavailableException.class);
    assertThat(operate("status"))
        .contains(
            "role recovering",
            "recovering_step blocks",
            "recovering_machines_complete 1",
            "recovering_machines 3",
            "backups stopped");
    assertThatThrownBy(() -> operate("account", "open", "another"))
        .hasMessageContaining("is being recovered");
    assertThatThrownBy(() -> operate("take-over")).hasMessageContaining("is being recovered");
    assertThat(partner().ask(5000)).isEqualTo(Partner.State.RECOVERING);
    assertThat(bucket()).isEqualTo(before);

    gates.loads.countDown();
    starting.get();
    checkAll(first, early, blocksOfFirst);
    assertThatThrownBy(() -> first.prove(early, Right.WRITE)).hasMessageContaining("connect again");
    try (Session session = connect()) {
      assertThat(session.mode()).isEqualTo(ServerMode.ALL);
      second.prove(session, Right.READ);
      second.prove(session, Right.WRITE);
      checkAll(second, session, blocksOfSecond);
      assertThat(second.fetch(session, second.backUp(session, new byte[] {7})).get(0))
          .isEqualTo(new byte[] {7});
    }
    assertThat(operate("status")).contains("role owner", "backups taken");
    early.close();
  }

  @Test
  void machineThatIsWantedFirstIsCompleteFirst() throws Exception {
    gates.held.set(first.machine);
    gates.takesPlace.countDown();
    gates.opens.countDown();
    start(config().with(List.of("no such machine", "second")));
    try (Session session = awaitComplete(second)) {
      checkAll(second, session, blocksOfSecond);
    }
    checkNotYet(first, "cannot be restored from yet");
  }

  @Test
  void nobodyReadsAnIndexThatIsThrownAway() throws Exception {
    gates.held.set(second.machine);
    gates.opens.countDown();
    gates.diskFails = true;
    start(config());
    Session early = awaitComplete(first);
    checkAll(first, early, blocksOfFirst);
    gates.loads.countDown();
    // In order, in an index that is held before it begins.
    await(() -> operate("status").contains("role recovering") && isNotServed(first));
    assertThatThrownBy(() -> first.fetch(early, blocksOfFirst))
        .isInstanceOf(UnavailableException.class);
    checkNotYet(first, "serves nothing yet");
    gates.takesPlace.countDown();
    starting.get();
    try (Session session = connect()) {
      first.prove(session, Right.READ);
      checkAll(first, session, blocksOfFirst);
    }
    early.close();
  }

  /// The place of the index is taken while somebody reads: that one waits, and is answered.
  @Test
  void whoReadsWhileTheIndexTakesItsPlaceWaits() throws Exception {
    gates.held.set(second.machine);
    gates.opens.countDown();
    start(config());
    Session early = awaitComplete(first);
    gates.loads.countDown();
    await(() -> !Files.exists(folder.resolve("state/index.rebuilt")));
    Future<?> reads =
        Executors.newVirtualThreadPerTaskExecutor()
            .submit(() -> {
              checkAll(first, early, blocksOfFirst);
              return true;
            });
    assertThat(reads.isDone()).isFalse();
    gates.takesPlace.countDown();
    reads.get();
    early.close();
  }

  private boolean isNotServed(Client client) throws Exception {
    try (Session session = connect()) {
      client.prove(session, Right.READ);
      return false;
    } catch (UnavailableException e) {
      return true;
    }
  }

  private Partner partner() throws Exception {
    return new Partner("127.0.0.1", port.get(), token.serverKey(), Client.RANDOM, CLOCK, SPAWNER);
  }

  private static void await(Condition condition) throws Exception {
    while (!condition.holds()) {
      rest();
    }
  }

  private static void rest() throws InterruptedException {
    LockSupport.parkNanos(20_000_000);
    if (Thread.interrupted()) {
      throw new InterruptedException("waited in vain");
    }
  }

  private interface Condition {
    boolean holds() throws Exception;
  }
}
