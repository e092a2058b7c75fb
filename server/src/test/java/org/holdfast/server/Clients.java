package org.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.holdfast.core.AccountId;
import org.holdfast.core.ConflictException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.LogRecord;
import org.holdfast.server.shard.ShardService;

/// Those who write to the servers of a [Contest], and what they were told.
final class Clients {
  private static final int SAVERS_MAX = 3;

  private final Stage stage;
  private final IntFunction<Optional<Long>> sealedAt;
  private final Consumer<String> say;
  private final List<Saver> savers = Collections.synchronizedList(new ArrayList<>());
  private final Set<AccountId> accounts = Collections.synchronizedSet(new HashSet<>());
  private final Set<String> busy = Collections.synchronizedSet(new HashSet<>());
  private final List<Throwable> wrong = Collections.synchronizedList(new ArrayList<>());

  /// `sealedAt` says when an epoch was sealed, if it is; `say` hears of what they do.
  Clients(Stage stage, IntFunction<Optional<Long>> sealedAt, Consumer<String> say) {
    this.stage = stage;
    this.sealedAt = sealedAt;
    this.say = say;
  }

  /// How many checkpoints, commits and accounts were acknowledged.
  int acknowledged() {
    return accounts.size() + savers.stream().mapToInt(Saver::acknowledged).sum();
  }

  /// What should not have happened.
  List<Throwable> wrong() {
    return List.copyOf(wrong);
  }

  /// Who waits for an answer.
  Set<String> busy() {
    return Set.copyOf(busy);
  }

  /// Begins something with a server.
  void begin(Rival.Term term, Random random) {
    Random own = new Random(random.nextLong());
    if (random.nextInt(4) == 0) {
      script(term, "account", () -> openAccount(term.shard(), told(term), own));
    } else if (savers.isEmpty() || (savers.size() < SAVERS_MAX && random.nextInt(6) == 0)) {
      script(term, "register", () -> register(term, own));
    } else {
      Saver saver = savers.get(random.nextInt(savers.size()));
      if (random.nextInt(5) == 0) {
        script(term, "restore " + saver.id, () -> saver.restore(term.shard(), own));
      } else {
        script(term, "backup " + saver.id, () -> saver.backUp(told(term), term.shard(), own));
      }
    }
  }

  /// Runs what a client does, unless it does just that with this server already.
  private void script(Rival.Term term, String what, Saver.Call call) {
    String name = term.rival().name() + " " + term.epoch() + " " + what;
    if (!busy.add(name)) {
      return;
    }
    say.accept(name + " begins");
    var _ =
        stage
            .spawner()
            .spawn(
                name,
                () -> {
                  try {
                    call.make();
                    say.accept(name + " is done");
                  } catch (UnavailableException | ConflictException | RefusedException e) {
                    say.accept(name + ": " + e.getMessage());
                  } catch (Throwable e) {
                    wrong.add(e);
                  } finally {
                    busy.remove(name);
                  }
                });
  }

  /// Begins a write on a server that is fenced off, and must refuse it.
  void beginInVain(Rival.Term term) {
    script(
        term,
        "in vain",
        () ->
            assertThatThrownBy(() -> openAccount(term.shard(), told(term), new Random(1)))
                .isInstanceOf(UnavailableException.class)
                .hasMessageContaining("stopped taking backups"));
  }

  void openAccount(ShardService shard, Saver.Acknowledged told, Random own)
      throws HoldfastException {
    AccountId account = new AccountId(Saver.draw(own, 16));
    told.by(() -> shard.write(_ -> List.of(new LogRecord.AccountOpened(account, "account"))));
    accounts.add(account);
  }

  private void register(Rival.Term term, Random own) throws HoldfastException {
    Saver saver = new Saver(own);
    saver.register(told(term), term.shard(), own);
    savers.add(saver);
  }

  /// What was asked for after the epoch's seal is never acknowledged.
  private Saver.Acknowledged told(Rival.Term term) {
    return call -> {
      long asked = stage.time();
      call.make();
      Optional<Long> sealed = sealedAt.apply(term.epoch());
      assertThat(sealed.isEmpty() || sealed.get() > asked)
          .as(
              "epoch %d was sealed at %s; asked at %d, and acknowledged",
              term.epoch(), sealed, asked)
          .isTrue();
    };
  }

  /// Everything that was acknowledged is there.
  void check(ShardService shard) throws HoldfastException {
    assertThat(shard.read(state -> state.accounts()).keySet())
        .as("acknowledged accounts")
        .containsAll(accounts);
    for (Saver saver : savers) {
      saver.check(shard);
    }
  }
}
