package org.holdfast.cli;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.SegmentId;
import org.holdfast.log.StateDigest;
import org.holdfast.server.drill.LiveDigests;

/// What the running server says its state was at the ends of its last segments; nothing where none
/// runs.
final class ServerDigests implements LiveDigests {
  private static final String DURABLE = "durable";

  private final ServerOptions server;

  ServerDigests(ServerOptions server) {
    this.server = server;
  }

  @Override
  public Map<SegmentId, StateDigest> recent() throws HoldfastException {
    Map<SegmentId, StateDigest> found = new HashMap<>();
    for (String[] words : lines()) {
      Optional<StateDigest> digest = StateDigest.parse(words[0]);
      Optional<SegmentId> segment = SegmentId.ofKey(words[1]);
      if (digest.isPresent() && segment.isPresent()) {
        found.put(segment.get(), digest.get());
      }
    }
    return found;
  }

  @Override
  public Optional<SegmentId> durable() throws HoldfastException {
    return lines().stream()
        .filter(words -> words[0].equals(DURABLE))
        .findFirst()
        .flatMap(words -> SegmentId.ofKey(words[1]));
  }

  /// Lines of two words.
  private List<String[]> lines() throws HoldfastException {
    try {
      return server
          .ask(List.of("digests"))
          .lines()
          .map(line -> line.split(" ", 2))
          .filter(words -> words.length == 2)
          .toList();
    } catch (UnavailableException | RefusedException e) {
      // Nobody listens, or it is of a version that does not know what is asked.
      return List.of();
    }
  }
}
