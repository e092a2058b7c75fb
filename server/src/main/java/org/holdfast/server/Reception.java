package org.holdfast.server;

import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.MachineId;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;
import org.holdfast.protocol.ServerIdentity;
import org.holdfast.protocol.TlsListener;
import org.holdfast.protocol.UnixListener;
import org.holdfast.server.recovery.LoadedMachines;
import org.holdfast.server.session.OperatorSocket;
import org.holdfast.server.session.RecoveringOperator;
import org.holdfast.server.session.Served;
import org.holdfast.server.session.Sessions;
import org.holdfast.server.shard.ShardService;
import org.holdfast.server.state.MachineChoice;
import org.holdfast.server.state.MachineRow;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where a server's clients and its operator are answered, from its start on: by what there is to
/// serve (`docs/recovery.md`, "Restores while it recovers").
///
/// The start's thread tells what that is, any thread asks.
final class Reception implements Meanwhile, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Reception.class);

  /// A client that takes longer is not one, or is better served by trying again.
  private static final int HANDSHAKE_MILLIS = 20_000;

  /// When who has to wait may ask again, at the soonest and at the latest.
  private static final long AGAIN_MILLIS_MIN = 1000;

  private static final long AGAIN_MILLIS_MAX = 60_000;

  private final ServerConfig config;
  private final Service.Terms terms;
  private final ServerIdentity identity;
  private final RecoveryProgress progress;
  private final BooleanSupplier mayOwn;
  private final IntConsumer listens;
  private final Sessions sessions;
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private volatile Served served = new Served.Nothing(this::notYet);
  private volatile OperatorSocket.Commands commands;
  private volatile @Nullable Whole whole;
  private volatile @Nullable LoadedMachines loaded;
  private @Nullable TlsListener clients;

  /// `mayOwn` is asked before the log is taken over; `listens` hears of the port once clients are
  /// answered.
  Reception(
      ServerConfig config,
      Service.Terms terms,
      ServerIdentity identity,
      RecoveryProgress progress,
      BooleanSupplier mayOwn,
      IntConsumer listens) {
    this.config = config;
    this.terms = terms;
    this.identity = identity;
    this.progress = progress;
    this.mayOwn = mayOwn;
    this.listens = listens;
    this.sessions =
        new Sessions(
            this::served, terms.service(), config.limits(), terms.clock(), terms.spawner());
    this.commands = new RecoveringOperator(sessions, this::report);
  }

  private Served served() {
    Whole all = whole;
    return all == null ? served : all.served();
  }

  Sessions sessions() {
    return sessions;
  }

  /// The port that clients reach.
  int port() {
    return Objects.requireNonNull(clients, "a server that listens").port();
  }

  @Override
  public void begins() throws HoldfastException {
    opened.addFirst(sessions);
    UnixListener operators = UnixListener.open(config.socket(), terms.spawner());
    opened.addFirst(operators);
    TlsListener listening =
        TlsListener.open(
            new InetSocketAddress(config.host(), config.port()),
            identity,
            terms.random(),
            terms.clock(),
            terms.spawner(),
            HANDSHAKE_MILLIS,
            LOG::info);
    opened.addFirst(listening);
    clients = listening;
    OperatorSocket operator =
        new OperatorSocket(terms.service(), terms.clock(), () -> this.commands);
    terms.spawner().spawn("operators", () -> operators.serve(operator));
    terms.spawner().spawn("clients", () -> listening.serve(sessions));
    listens.accept(listening.port());
  }

  @Override
  public List<MachineId> first(SortedMap<MachineId, MachineRow> machines) {
    List<MachineId> first = new ArrayList<>();
    for (String wanted : config.first()) {
      try {
        first.add(new MachineChoice(machines).of(wanted));
      } catch (RefusedException e) {
        LOG.warn("no machine is loaded first for `--first {}`: {}", wanted, e.getMessage());
      }
    }
    return first;
  }

  @Override
  public void serves(ShardService shard, LoadedMachines machines) {
    loaded = machines;
    served = new Served.Machines(shard, new Gate(shard, machines));
  }

  @Override
  public void servesNoMore() {
    loaded = null;
    served = new Served.Nothing(this::notYet);
  }

  @Override
  public boolean mayOwn() {
    return mayOwn.getAsBoolean();
  }

  /// From here on everything is served.
  void open(Whole all, OperatorSocket.Commands operator) {
    whole = all;
    commands = operator;
  }

  private UnavailableException notYet() {
    return later("this server is being recovered, and serves nothing yet (%s)");
  }

  private UnavailableException later(String what) {
    if (whole != null) {
      return new UnavailableException(
          "this server has just been recovered: connect again", AGAIN_MILLIS_MIN);
    }
    long left = progress.leftMillis().orElse(AGAIN_MILLIS_MIN * 10);
    return new UnavailableException(
        what.formatted(progress.line()) + ": try again later",
        Math.clamp(left, AGAIN_MILLIS_MIN, AGAIN_MILLIS_MAX));
  }

  private RecoveringOperator.Report report() {
    LoadedMachines machines = loaded;
    return progress.report(
        Optional.ofNullable(machines)
            .map(each -> new RecoveringOperator.Machines(each.complete(), each.all())));
  }

  /// Takes no more sessions, and ends those that there are.
  @Override
  public void close() {
    Exception failed = null;
    for (AutoCloseable each : opened) {
      try {
        each.close();
      } catch (Exception e) {
        failed = e;
      }
    }
    opened.clear();
    if (failed != null) {
      throw new IllegalStateException("a part of the reception does not close", failed);
    }
  }

  /// What there is to serve in the end, at the moment.
  interface Whole {
    Served.Whole served();
  }

  /// Holds back machines that are not complete, and everything that is no read.
  private final class Gate implements Served.Gate {
    private final ShardService shard;
    private final LoadedMachines machines;

    Gate(ShardService shard, LoadedMachines machines) {
      this.shard = shard;
      this.machines = machines;
    }

    @Override
    public Optional<UnavailableException> closed(MachineId machine) {
      return machines.isComplete(machine) && isKnown(machine)
          ? Optional.empty()
          : Optional.of(
              later(
                  "machine "
                      + machine
                      + " cannot be restored from yet, this server is being recovered (%s)"));
    }

    private boolean isKnown(MachineId machine) {
      try {
        return shard.durable(rows -> rows.machine(machine)).isPresent();
      } catch (HoldfastException e) {
        LOG.debug("machine {} is not known: {}", machine, e.getMessage());
        return false;
      }
    }

    @Override
    public UnavailableException readsOnly() {
      return later("this server is being recovered, and serves restores only (%s)");
    }
  }
}
