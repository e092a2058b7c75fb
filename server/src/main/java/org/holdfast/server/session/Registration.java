package org.holdfast.server.session;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Optional;
import org.holdfast.core.Bytes;
import org.holdfast.core.Clock;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.ServiceId;
import org.holdfast.log.LogRecord;
import org.holdfast.protocol.Connection;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.Proof;
import org.holdfast.server.shard.ShardService;
import org.holdfast.server.state.InviteRow;
import org.holdfast.server.state.MachineRow;
import org.holdfast.server.state.ShardState;

/// Lets a machine in that presents an invite. An invite works once; repeated by the same machine
/// with the same keys it is answered as before, since the first answer may have been lost.
final class Registration {
  private final Connection connection;
  private final ShardService shard;
  private final ServiceId service;
  private final Clock clock;

  Registration(Connection connection, ShardService shard, ServiceId service, Clock clock) {
    this.connection = connection;
    this.shard = shard;
    this.service = service;
    this.clock = clock;
  }

  Message register(Message.Register request) throws HoldfastException {
    for (Message.Credential key : request.credentials()) {
      Bytes text =
          Proof.register(
              connection,
              service,
              request.machine(),
              request.invite(),
              key.right(),
              key.publicKey());
      if (!Proof.verify(key.publicKey(), text, key.signature())) {
        throw new RefusedException("the machine does not hold the keys that it registers");
      }
    }
    shard.write(state -> decide(state, request));
    return new Message.Done();
  }

  private List<LogRecord> decide(ShardState state, Message.Register request)
      throws HoldfastException {
    InviteRow invite =
        state
            .invite(request.invite())
            .filter(row -> isSecret(row, request.secret()))
            .orElseThrow(
                () -> new RefusedException("this invite is not valid here: ask for another"));
    List<LogRecord.Credential> keys =
        request.credentials().stream()
            .map(key -> new LogRecord.Credential(key.right(), key.publicKey()))
            .toList();
    if (invite.usedBy().isPresent()) {
      return again(state, request, invite, keys);
    }
    if (clock.wallMillis() >= invite.expiryMillis()) {
      throw new RefusedException("this invite has expired: ask for another");
    }
    if (!invite.machineName().isEmpty() && !invite.machineName().equals(request.name())) {
      throw new RefusedException(
          "this invite is for a machine named "
              + invite.machineName()
              + ": use --machine "
              + invite.machineName());
    }
    if (state.machine(request.machine()).isPresent()) {
      throw new RefusedException("machine " + request.machine() + " is registered already");
    }
    return List.of(
        new LogRecord.MachineRegistered(
            request.machine(), invite.account(), request.invite(), request.name(), keys));
  }

  private static List<LogRecord> again(
      ShardState state, Message.Register request, InviteRow invite, List<LogRecord.Credential> keys)
      throws HoldfastException {
    Optional<MachineRow> machine = state.machine(request.machine());
    boolean same =
        invite.usedBy().equals(Optional.of(request.machine()))
            && machine.isPresent()
            && machine.get().keys().equals(keys);
    if (!same) {
      throw new RefusedException("this invite has been used already: ask for another");
    }
    return List.of();
  }

  private static boolean isSecret(InviteRow invite, Bytes secret) {
    return MessageDigest.isEqual(hash(secret).toArray(), invite.secretHash().toArray());
  }

  /// What the server keeps of an invite's secret.
  static Bytes hash(Bytes secret) {
    try {
      return Bytes.wrap(MessageDigest.getInstance("SHA-256").digest(secret.toArray()));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }
}
