package org.holdfast.server.session;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.holdfast.core.AccountId;
import org.holdfast.core.Bytes;
import org.holdfast.core.Clock;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.InviteId;
import org.holdfast.core.MachineId;
import org.holdfast.core.RefusedException;
import org.holdfast.log.LogRecord;
import org.holdfast.protocol.InviteToken;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.OneLine;
import org.holdfast.server.shard.BackgroundJob;
import org.holdfast.server.shard.ShardService;
import org.holdfast.server.state.AccountRow;
import org.holdfast.server.state.MachineChoice;
import org.holdfast.server.state.MachineRow;
import org.holdfast.server.state.Position;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Answers the operator's commands, of a server that serves.
public final class Operator implements OperatorSocket.Commands {
  /// How long an invite is good for, unless said otherwise: a week.
  private static final long INVITE_MILLIS = 7L * 24 * 3600 * 1000;

  private static final Logger LOG = LoggerFactory.getLogger(Operator.class);

  private final ShardService shard;
  private final StatusReport status;
  private final TakingOver takingOver;
  private final Bytes serverKey;
  private final Clock clock;
  private final SecureRandom random;

  public Operator(
      ShardService shard,
      StatusReport status,
      TakingOver takingOver,
      Bytes serverKey,
      Clock clock,
      SecureRandom random) {
    this.shard = shard;
    this.status = status;
    this.takingOver = takingOver;
    this.serverKey = serverKey;
    this.clock = clock;
    this.random = random;
  }

  @Override
  public String run(List<String> words) throws HoldfastException {
    String command = String.join(" ", words.subList(0, Math.min(2, words.size())));
    return switch (command) {
      case "account open" -> openAccount(name(word(words, 2, "the account's name")));
      case "account list" -> listAccounts();
      case "machine list" -> listMachines();
      case "machine move" ->
          moveMachine(
              word(words, 2, "the machine's name or id"), word(words, 3, "the account it goes to"));
      case "status" -> status.lines();
      case "digests" -> digests();
      default -> {
        if (words.getFirst().equals("invite")) {
          yield invite(
              word(words, 1, "the account"),
              words.size() > 2 ? name(words.get(2)) : "",
              minutes(words));
        }
        if (words.getFirst().equals("work")) {
          yield work(job(word(words, 1, "the work")), word(words, 2, "on, off or status"));
        }
        if (words.getFirst().equals("take-over")) {
          yield takingOver.run();
        }
        throw new RefusedException("the server does not know the command " + command);
      }
    };
  }

  /// What the state was at the ends of the last segments, and the last one that is in the bucket:
  /// for a drill beside the server.
  private String digests() throws HoldfastException {
    StringBuilder out = new StringBuilder();
    shard
        .<Position>durable(rows -> rows.position())
        .lastSegment(shard.number())
        .ifPresent(id -> out.append("durable ").append(id.key()).append('\n'));
    shard
        .digests()
        .all()
        .forEach((id, digest) -> out.append(digest).append(' ').append(id.key()).append('\n'));
    return out.toString();
  }

  private String openAccount(String name) throws HoldfastException {
    AccountId account = AccountId.random(random);
    shard.write(state -> {
      if (state.accounts().values().stream().anyMatch(row -> row.name().equals(name))) {
        throw new RefusedException("there is an account named " + name + " already");
      }
      return List.of(new LogRecord.AccountOpened(account, name));
    });
    return account + "\n";
  }

  private String invite(String account, String machineName, long expiryMinutes)
      throws HoldfastException {
    InviteId invite = InviteId.random(random);
    byte[] secret = new byte[32];
    random.nextBytes(secret);
    Bytes secretBytes = Bytes.wrap(secret);
    long expiry = clock.wallMillis() + (expiryMinutes > 0 ? expiryMinutes * 60_000 : INVITE_MILLIS);
    shard.write(state ->
        List.of(
            new LogRecord.InviteMade(
                invite,
                find(state.accounts(), account),
                Registration.hash(secretBytes),
                machineName,
                expiry)));
    return new InviteToken(invite, secretBytes, serverKey).encode() + "\n";
  }

  private static AccountId find(Map<AccountId, AccountRow> accounts, String wanted)
      throws RefusedException {
    List<AccountId> found =
        accounts.entrySet().stream()
            .filter(account ->
                account.getValue().name().equals(wanted)
                    || (wanted.length() >= 4 && account.getKey().toString().startsWith(wanted)))
            .map(Map.Entry::getKey)
            .toList();
    if (found.size() == 1) {
      return found.getFirst();
    }
    throw new RefusedException(
        found.isEmpty()
            ? "there is no account " + wanted + ": open it with `holdfast account open`"
            : wanted + " is the beginning of several accounts' ids: give more of it");
  }

  private String listAccounts() throws HoldfastException {
    StringBuilder out = new StringBuilder();
    shard
        .read(state -> state.accounts())
        .forEach((id, row) -> out.append(id).append("  ").append(row.name()).append('\n'));
    return out.toString();
  }

  private String listMachines() throws HoldfastException {
    StringBuilder out = new StringBuilder();
    SortedMap<AccountId, AccountRow> accounts = shard.read(state -> state.accounts());
    for (var machine : shard.read(state -> state.machines()).entrySet()) {
      MachineRow row = machine.getValue();
      out.append(
          String.format(
              Locale.ROOT,
              "%s  %-24s %8d blocks %14d bytes  %d archives so far  of %s%n",
              machine.getKey(),
              row.name(),
              row.blocks(),
              row.bytes(),
              row.sequence(),
              name(accounts, row.account())));
    }
    return out.toString();
  }

  /// Sessions of the machine that are open count for the account that it had until they end.
  private String moveMachine(String wanted, String account) throws HoldfastException {
    AtomicReference<String> told = new AtomicReference<>("");
    shard.write(state -> {
      MachineId machine = new MachineChoice(state.machines()).of(wanted);
      SortedMap<AccountId, AccountRow> accounts = state.accounts();
      AccountId to = find(accounts, account);
      AccountId from = state.machine(machine).orElseThrow().account();
      if (from.equals(to)) {
        throw new RefusedException(
            "machine %s is of account %s already".formatted(wanted, name(accounts, to)));
      }
      told.set(
          "machine %s, which was of account %s, is of account %s%n"
              .formatted(machine, name(accounts, from), name(accounts, to)));
      return List.of(new LogRecord.MachineMoved(machine, from, to, clock.wallMillis()));
    });
    return told.get();
  }

  private static String name(Map<AccountId, AccountRow> accounts, AccountId account) {
    AccountRow row = accounts.get(account);
    return row == null ? account.toString() : row.name();
  }

  /// What is switched stays so until the process ends: the config file says how the next one
  /// begins.
  private String work(BackgroundJob job, String how) throws RefusedException {
    switch (how) {
      case "on" -> shard.pacer().resume(job);
      case "off" -> shard.pacer().hold(job);
      case "status" -> {
        return job + shard.pacer().holds(job).map(why -> " waits: " + why).orElse(" is on") + "\n";
      }
      default -> throw new RefusedException("say on, off or status, not " + how);
    }
    LOG.info("{} is switched {}", job, how);
    return "%s is %s until the server stops; how it starts stands in its config, `%s = on|off`%n"
        .formatted(job, how, job);
  }

  private static BackgroundJob job(String name) throws RefusedException {
    for (BackgroundJob job : BackgroundJob.values()) {
      if (job.toString().equals(name)) {
        return job;
      }
    }
    throw new RefusedException(
        "there is no background work "
            + name
            + ": there are "
            + Stream.of(BackgroundJob.values())
                .map(BackgroundJob::toString)
                .collect(Collectors.joining(", ")));
  }

  private static long minutes(List<String> words) throws RefusedException {
    if (words.size() < 4) {
      return 0;
    }
    try {
      long minutes = Long.parseLong(words.get(3));
      if (minutes < 1) {
        throw new RefusedException("an invite is good for at least a minute, not " + minutes);
      }
      return Math.min(minutes, 10L * 365 * 24 * 60);
    } catch (NumberFormatException e) {
      throw new RefusedException("an invite's life is a number of minutes, not " + words.get(3), e);
    }
  }

  /// Longer names fit in no record.
  private static String name(String name) throws RefusedException {
    if (name.getBytes(StandardCharsets.UTF_8).length > Message.MAX_MACHINE_NAME_BYTES) {
      throw new RefusedException("a name has at most 64 bytes: choose a shorter one");
    }
    if (!OneLine.isClean(name)) {
      throw new RefusedException("a name has no control characters: leave them out");
    }
    return name;
  }

  private static String word(List<String> words, int index, String what) throws RefusedException {
    if (index >= words.size() || words.get(index).isBlank()) {
      throw new RefusedException("say " + what);
    }
    return words.get(index);
  }

  /// Makes a standby the owner, and says what came of it.
  public interface TakingOver {
    String run() throws HoldfastException;
  }
}
