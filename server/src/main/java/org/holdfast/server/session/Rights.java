package org.holdfast.server.session;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.holdfast.core.BlockClass;
import org.holdfast.core.MachineId;
import org.holdfast.core.Right;
import org.holdfast.protocol.ErrorCode;
import org.holdfast.protocol.Message;

/// The rights that one session has proven, and which of them each request needs
/// (`docs/protocol.md`, "Rights"). Any thread.
final class Rights {
  private final Set<Proven> proven = ConcurrentHashMap.newKeySet();

  void prove(MachineId machine, Right right) {
    proven.add(new Proven(machine, right));
  }

  /// Whether none is proven.
  boolean isEmpty() {
    return proven.isEmpty();
  }

  /// The answer to a request whose right is not proven; empty if it is, or none is needed.
  Optional<Message.Failure> missing(Message request) {
    return switch (request) {
      case Message.State r -> missing(r.machine(), EnumSet.allOf(Right.class));
      case Message.Begin r -> missing(r.machine(), EnumSet.of(Right.WRITE));
      case Message.Has r -> missing(r.machine(), EnumSet.of(Right.WRITE));
      case Message.Damaged r -> missing(r.machine(), EnumSet.of(Right.WRITE));
      case Message.Store r -> missing(r.machine(), EnumSet.of(Right.WRITE));
      case Message.Checkpoint r -> missing(r.machine(), EnumSet.of(Right.WRITE));
      case Message.Commit r -> missing(r.machine(), EnumSet.of(Right.WRITE));
      case Message.Cancel r -> missing(r.machine(), EnumSet.of(Right.WRITE));
      case Message.Archives r -> missing(r.machine(), EnumSet.of(Right.READ, Right.TIDY));
      case Message.Fetch r ->
          missing(
              r.machine(),
              namesChunk(r) ? EnumSet.of(Right.READ) : EnumSet.of(Right.READ, Right.TIDY));
      case Message.BeginDelete r -> missing(r.machine(), EnumSet.of(Right.TIDY, Right.NUKE));
      case Message.Delete r -> missing(r.machine(), EnumSet.of(Right.TIDY));
      case Message.DeleteAll r -> missing(r.machine(), EnumSet.of(Right.NUKE));
      case Message.CommitDelete r -> missing(r.machine(), EnumSet.of(Right.TIDY, Right.NUKE));
      case Message.CancelDelete r -> missing(r.machine(), EnumSet.of(Right.TIDY, Right.NUKE));
      case Message.Undelete r -> missing(r.machine(), EnumSet.of(Right.TIDY, Right.NUKE));
      case Message.Deletions r ->
          missing(r.machine(), EnumSet.of(Right.READ, Right.TIDY, Right.NUKE));
      case Message.Deleted r ->
          missing(r.machine(), EnumSet.of(Right.READ, Right.TIDY, Right.NUKE));
      default -> Optional.empty();
    };
  }

  private static boolean namesChunk(Message.Fetch fetch) {
    return fetch.blocks().stream().anyMatch(block -> block.blockClass() == BlockClass.CHUNK);
  }

  private Optional<Message.Failure> missing(MachineId machine, EnumSet<Right> anyOf) {
    for (Right right : anyOf) {
      if (proven.contains(new Proven(machine, right))) {
        return Optional.empty();
      }
    }
    String names =
        String.join(
            " or ", anyOf.stream().map(each -> each.name().toLowerCase(Locale.ROOT)).toList());
    return Optional.of(
        new Message.Failure(
            ErrorCode.NOT_PROVEN, 0, "to " + names + "; this session has not proven it"));
  }

  private record Proven(MachineId machine, Right right) {}
}
