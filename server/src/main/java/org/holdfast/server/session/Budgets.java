package org.holdfast.server.session;

import java.util.HashMap;
import java.util.Map;
import org.holdfast.core.AccountId;
import org.holdfast.core.MachineId;
import org.holdfast.protocol.Share;

/// The memory that all sessions of a server share (see [Limits]).
///
/// An account holds a half of it at most, and a machine three eighths, however many sessions they
/// open: by session a client would take as many shares as it likes. So it takes two accounts to use
/// all of the memory up, and two machines to use up what an account may hold; and a machine's only
/// session never waits for its own share. Where three eighths are less than the largest block
/// takes, a machine holds that one block, and of the least memory ([Limits#BYTES_MIN]) so does an
/// account.
///
/// A machine that is moved to another account while sessions of it are open has a share of either
/// account until these end: what a session takes counts for the account under which it began.
///
/// Any thread.
final class Budgets {
  /// How much a client may have stored that has no place in a segment yet, in bytes: two segments,
  /// so that one fills while another is on its way.
  static final long STORE_CREDIT = 32 << 20;

  private static final int ACCOUNT_EIGHTHS = 4;
  private static final int MACHINE_EIGHTHS = 3;

  private final Limits limits;
  private final Share stores;
  private final Share fetches;
  private final Share requests = new Share(Limits.REQUEST_BYTES);
  private final Map<AccountId, Portion> accounts = new HashMap<>();
  private final Map<Member, Portion> machines = new HashMap<>();

  Budgets(Limits limits) {
    this.limits = limits;
    this.stores = new Share(limits.storeBytes());
    this.fetches = new Share(limits.fetchBytes());
  }

  /// The store credit of each session: no more than its machine's share, so that a machine's only
  /// session is always read from while others leave room.
  long storeCreditBytes() {
    return Math.min(STORE_CREDIT, bytes(limits.storeBytes(), MACHINE_EIGHTHS));
  }

  /// What a session of this machine may take from, until [#leave].
  synchronized Claim join(AccountId account, MachineId machine) {
    Portion ofAccount =
        accounts.computeIfAbsent(account, _ -> portion(stores, fetches, requests, ACCOUNT_EIGHTHS));
    Portion ofMachine =
        machines.computeIfAbsent(
            new Member(account, machine),
            _ -> portion(ofAccount.stores, ofAccount.fetches, ofAccount.requests, MACHINE_EIGHTHS));
    ofAccount.sessions++;
    ofMachine.sessions++;
    return new Claim(account, machine, ofMachine.stores, ofMachine.fetches, ofMachine.requests);
  }

  /// The session is over. What it still holds stays taken from its machine's share until it is
  /// given back: a client gains nothing by coming again.
  synchronized void leave(Claim claim) {
    accounts.computeIfPresent(claim.account, (_, portion) -> portion.less());
    machines.computeIfPresent(claim.member(), (_, portion) -> portion.less());
    accounts.values().removeIf(Portion::isUnused);
    machines.values().removeIf(Portion::isUnused);
  }

  /// What is held of the memory for blocks that come, in bytes.
  long storeBytes() {
    return limits.storeBytes() - stores.availableBytes();
  }

  /// What is held of the memory for blocks on their way to clients, in bytes.
  long fetchBytes() {
    return limits.fetchBytes() - fetches.availableBytes();
  }

  /// What requests hold that are being answered, in bytes.
  long requestBytes() {
    return Limits.REQUEST_BYTES - requests.availableBytes();
  }

  /// How many accounts and machines have a share at the moment.
  synchronized int count() {
    return accounts.size() + machines.size();
  }

  private Portion portion(Share storesOf, Share fetchesOf, Share requestsOf, int eighths) {
    return new Portion(
        storesOf.part(bytes(limits.storeBytes(), eighths)),
        fetchesOf.part(bytes(limits.fetchBytes(), eighths)),
        requestsOf.part(bytes(Limits.REQUEST_BYTES, eighths)));
  }

  /// Never less than the largest block takes, which would wait for ever.
  private static long bytes(long all, int eighths) {
    return Math.max(all / 8 * eighths, Limits.BLOCK_BYTES);
  }

  /// What one session takes from: its machine's shares.
  record Claim(AccountId account, MachineId machine, Share stores, Share fetches, Share requests) {
    private Member member() {
      return new Member(account, machine);
    }

    /// Has those who wait look whether their session is over.
    void wake() {
      stores.wake();
      fetches.wake();
    }
  }

  /// A machine as one of an account.
  private record Member(AccountId account, MachineId machine) {}

  /// What an account or a machine may take, and how many sessions it has.
  private static final class Portion {
    private final Share stores;
    private final Share fetches;
    private final Share requests;
    private int sessions;

    Portion(Share stores, Share fetches, Share requests) {
      this.stores = stores;
      this.fetches = fetches;
      this.requests = requests;
    }

    Portion less() {
      sessions--;
      return this;
    }

    boolean isUnused() {
      return sessions == 0 && stores.isUnused() && fetches.isUnused() && requests.isUnused();
    }
  }
}
