package org.holdfast.stores;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.holdfast.core.Clock;
import org.holdfast.core.Spawner;
import org.holdfast.core.SystemClock;

/// An HTTP/1.1 proxy on a loopback port in front of an S3 store, which makes [Weather].
///
/// Heads and bodies pass unchanged, the Host header too: a client signs for the proxy's address,
/// and the store must take that (those in this module do). Each connection of a client has one to
/// the store. A connection holds some 64 KiB, a request that a [Hold] keeps all of its body.
///
/// Threads may share it. It runs on virtual threads, all of which have ended when [#close] returns.
public final class FaultProxy implements AutoCloseable {
  private static final int BACKLOG = 1024;

  /// What the system keeps for a connection each way: without a bound it takes megabytes before a
  /// limit of the bandwidth is felt.
  private static final int SOCKET_BUFFER_BYTES = 64 << 10;

  private static final int CONNECT_MILLIS = 10_000;

  private final Clock clock = new SystemClock();
  private final Spawner spawner = Spawner.virtual();
  private final InetSocketAddress store;
  private final ServerSocket listener;
  private final Tally tally = new Tally();
  private final PrefixMeter prefixes = new PrefixMeter(clock);
  private final Lane up =
      new Lane(clock, () -> weather().bandwidth().upBytesPerSecond(), tally::up);
  private final Lane down =
      new Lane(clock, () -> weather().bandwidth().downBytesPerSecond(), tally::down);
  private final List<Hold> requestHolds = new CopyOnWriteArrayList<>();
  private final List<Hold> answerHolds = new CopyOnWriteArrayList<>();
  private volatile Sky sky;

  /// Guards itself, [#threads] and [#closed].
  private final Set<Socket> sockets = new HashSet<>();

  private final Set<Thread> threads = new HashSet<>();
  private boolean closed;

  private FaultProxy(URI store, Weather weather) throws IOException {
    this.store = new InetSocketAddress(store.getHost(), store.getPort());
    this.sky = new Sky(weather, clock.nanos());
    this.listener = new ServerSocket();
    listener.setReceiveBufferSize(SOCKET_BUFFER_BYTES);
    listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
  }

  /// Starts one in front of a store's endpoint, which need not answer yet.
  public static FaultProxy start(URI store, Weather weather) throws IOException {
    FaultProxy proxy = new FaultProxy(store, weather);
    proxy.spawn("proxy", proxy::accept);
    return proxy;
  }

  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + listener.getLocalPort());
  }

  public Weather weather() {
    return sky.weather();
  }

  /// Changes the weather for requests that come, and the bandwidth for all. A storm's time begins.
  public void weather(Weather weather) {
    sky = new Sky(weather, clock.nanos());
  }

  /// Keeps the requests that the predicate wants from the store. It is asked once for each request.
  public Hold holdRequests(Predicate<Request> which) {
    return hold(requestHolds, which);
  }

  /// Keeps the answers to the requests that the predicate wants, which took effect, from the
  /// client.
  public Hold holdAnswers(Predicate<Request> which) {
    return hold(answerHolds, which);
  }

  private static Hold hold(List<Hold> holds, Predicate<Request> which) {
    holds.removeIf(Hold::isReleased);
    Hold added = new Hold(which);
    holds.add(added);
    return added;
  }

  public Counts counts() {
    return tally.counts();
  }

  /// Sets the counts to zero. What is under way goes on being so.
  public void resetCounts() {
    tally.reset();
  }

  /// Drops all connections, and what is held.
  @Override
  public void close() {
    Set<Thread> running;
    synchronized (sockets) {
      closed = true;
      closeQuietly(listener);
      sockets.forEach(FaultProxy::closeQuietly);
      running = Set.copyOf(threads);
    }
    running.forEach(Thread::interrupt);
    boolean interrupted = false;
    for (Thread thread : running) {
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listener.accept();
        client.setSendBufferSize(SOCKET_BUFFER_BYTES);
        remember(client);
        spawn("connection", () -> serve(client));
      }
    } catch (IOException e) {
      // The proxy is closed.
    }
  }

  private void serve(Socket socket) {
    StoreLink link = new StoreLink(this, clock);
    try {
      Link client = Link.of(socket);
      boolean more = true;
      while (more) {
        Optional<HttpHead> head = HttpHead.read(client.in());
        more = head.isPresent() && new Exchange(this, client, head.get()).serve(link);
      }
    } catch (IOException e) {
      // The client or the store is gone. The other one meets the end of its connection.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      link.close();
      closeQuietly(socket);
      forget(socket);
    }
  }

  /// Why the request is refused by rule, if it is.
  Optional<Fault> refusal(Request request) {
    Sky over = sky;
    if (over.weather().storm().rages((clock.nanos() - over.sinceNanos()) / 1e6)) {
      return Optional.of(Fault.STORM);
    }
    Weather.PrefixLimit limit = over.weather().prefixLimit();
    if (limit.parts() == 0) {
      return Optional.empty();
    }
    return request
        .prefix(limit.parts())
        .filter(prefix -> !prefixes.allows(prefix, limit.requestsPerSecond()))
        .map(_ -> Fault.PREFIX_LIMIT);
  }

  Optional<Hold> requestHold(Request request) {
    return requestHolds.stream().filter(hold -> hold.wants(request)).findFirst();
  }

  Optional<Hold> answerHold(Request request) {
    return answerHolds.stream().filter(hold -> hold.wants(request)).findFirst();
  }

  Tally tally() {
    return tally;
  }

  Lane up() {
    return up;
  }

  Lane down() {
    return down;
  }

  /// A way to the client that drips, for one answer.
  Lane drip() {
    return new Lane(clock, () -> weather().dripBytesPerSecond(), tally::down);
  }

  void sleep(double millis) throws InterruptedException {
    if (millis > 0) {
      clock.sleepMillis(Math.round(millis));
    }
  }

  /// A new connection to the store.
  Socket connect() throws IOException {
    Socket socket = new Socket();
    remember(socket);
    try {
      socket.setReceiveBufferSize(SOCKET_BUFFER_BYTES);
      socket.setSendBufferSize(SOCKET_BUFFER_BYTES);
      socket.connect(store, CONNECT_MILLIS);
      return socket;
    } catch (IOException e) {
      closeQuietly(socket);
      forget(socket);
      throw e;
    }
  }

  private void remember(Socket socket) throws IOException {
    synchronized (sockets) {
      if (closed) {
        socket.close();
        throw new IOException("the proxy is closed");
      }
      sockets.add(socket);
    }
  }

  void forget(Socket socket) {
    synchronized (sockets) {
      sockets.remove(socket);
    }
  }

  /// Starts a thread that [#close] waits for. Once closed, there is nothing to do for another one.
  void spawn(String name, Runnable task) throws IOException {
    synchronized (sockets) {
      if (closed) {
        throw new IOException("the proxy is closed");
      }
      threads.removeIf(thread -> !thread.isAlive());
      threads.add(spawner.spawn("fault proxy " + name, task));
    }
  }

  private static void closeQuietly(AutoCloseable socket) {
    try {
      socket.close();
    } catch (Exception e) {
      // It is of no use any more, closed or not.
    }
  }

  /// @param sinceNanos when it became so
  private record Sky(Weather weather, long sinceNanos) {}
}
