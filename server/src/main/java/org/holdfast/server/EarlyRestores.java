package org.holdfast.server;

import java.util.List;
import java.util.Optional;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.MachineId;
import org.holdfast.server.index.Index;
import org.holdfast.server.index.SwitchedIndex;
import org.holdfast.server.recovery.LoadedMachines;
import org.holdfast.server.shard.Damages;
import org.holdfast.server.shard.EarlyReads;
import org.holdfast.server.shard.ShardService;
import org.holdfast.server.state.ShardState;
import org.jspecify.annotations.Nullable;

/// A shard that reads the index which a start is making, beside the one that the start is for.
///
/// It has a state of its own, of which only what is durable is looked at: the start's is its
/// thread's.
final class EarlyRestores implements EarlyReads {
  private final Service.Terms terms;
  private final Meanwhile meanwhile;
  private final Damages damages;
  private @Nullable SwitchedIndex index;
  private @Nullable ShardService shard;

  /// What is found to be damaged is known to whoever serves later.
  EarlyRestores(Service.Terms terms, Meanwhile meanwhile, Damages damages) {
    this.terms = terms;
    this.meanwhile = meanwhile;
    this.damages = damages;
  }

  @Override
  public List<MachineId> begin(Index made, LoadedMachines loaded) throws HoldfastException {
    SwitchedIndex reads = new SwitchedIndex(made);
    ShardState state = ShardState.open(Service.SHARD, reads);
    List<MachineId> first = meanwhile.first(state.machines());
    ShardService reader = terms.reading(state, damages);
    index = reads;
    shard = reader;
    meanwhile.serves(reader, loaded);
    return first;
  }

  @Override
  public void pause() {
    if (index != null) {
      index.pause();
    }
  }

  @Override
  public void goOn(Index next) {
    if (index != null) {
      index.goOn(next);
    }
  }

  /// Whoever reads is told that the server stops, and tries again.
  @Override
  public void end() {
    ShardService reader = shard;
    if (reader == null || index == null) {
      return;
    }
    meanwhile.servesNoMore();
    reader.stop();
    index.end();
    shard = null;
    index = null;
  }

  /// What reads still, if anybody ever did.
  Optional<ShardService> shard() {
    return Optional.ofNullable(shard);
  }
}
