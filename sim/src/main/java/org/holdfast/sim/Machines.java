package org.holdfast.sim;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.holdfast.core.AccountId;
import org.holdfast.core.Bytes;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.InviteId;
import org.holdfast.core.MachineId;
import org.holdfast.core.Right;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.LogRecord;
import org.holdfast.protocol.RightKey;
import org.holdfast.protocol.Session;
import org.holdfast.seal.KeyFile;
import org.holdfast.seal.MachineKeys;

/// Machines with their keys. Keys are made once for all runs, as that takes longer than a run.
final class Machines {
  static final int MOST = 3;
  private static final List<MachineKeys> KEYS = keys();

  private Machines() {}

  private static List<MachineKeys> keys() {
    List<MachineKeys> all = new ArrayList<>();
    for (int i = 0; i < MOST; i++) {
      all.add(MachineKeys.random(new SimRandom(new SplittableRandom(i))));
    }
    return all;
  }

  /// Registers a machine of an account of its own.
  static KeyFile register(int number, SimServer server, SimProcess operator)
      throws HoldfastException {
    SimRandom random = new SimRandom(new SplittableRandom(1000 + number));
    AccountId account = AccountId.random(random);
    InviteId invite = InviteId.random(random);
    Bytes secret = Bytes.wrap(new byte[32]);
    server
        .service()
        .shard()
        .write(_ ->
            List.of(
                new LogRecord.AccountOpened(account, "account" + number),
                new LogRecord.InviteMade(invite, account, sha256(secret), "", Long.MAX_VALUE)));
    MachineKeys keys = KEYS.get(number);
    MachineId machine = MachineId.random(random);
    List<RightKey> rights = new ArrayList<>();
    for (Right right : keys.rights()) {
      rights.add(
          new RightKey(
              right,
              keys.credentialFor(right).publicKey(),
              keys.credentialFor(right).privateKey()));
    }
    try (Session session = open(server, operator)) {
      session.register(invite, secret, machine, "machine" + number, rights);
    }
    return new KeyFile(
        List.of("sim:"), Optional.empty(), "machine" + number, machine, keys, Optional.empty());
  }

  /// A server with one place has none before the session of the last machine has ended there.
  private static Session open(SimServer server, SimProcess operator) throws HoldfastException {
    while (true) {
      try {
        return Session.open(
            server.connect(operator), operator.clock(), operator.spawner(), "operator");
      } catch (UnavailableException e) {
        SimBucket.rest(operator.clock(), 1_000);
      }
    }
  }

  private static Bytes sha256(Bytes secret) {
    try {
      return Bytes.wrap(MessageDigest.getInstance("SHA-256").digest(secret.toArray()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
