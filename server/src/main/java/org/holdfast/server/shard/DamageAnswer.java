package org.holdfast.server.shard;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.holdfast.core.HoldfastException;
import org.holdfast.protocol.BlockRef;
import org.holdfast.protocol.Message;

/// Answers which damaged blocks a transaction must not rely on without sending them again.
///
/// They may be many thousands. The owner is asked a part of them at a time, and only for what is
/// not durable yet; the index is read on the caller's thread.
final class DamageAnswer {
  /// Copies that the owner is asked for at a time: a millisecond of its time.
  private static final int PART = 500;

  private final ShardService service;
  private final ShardLoop loop;
  private final Shard shard;
  private final DamagedCopies damaged;

  DamageAnswer(ShardService service, ShardLoop loop, Shard shard, DamagedCopies damaged) {
    this.service = service;
    this.loop = loop;
    this.shard = shard;
    this.damaged = damaged;
  }

  Message.DamagedReply answer(Message.Damaged request, DamageTold told) throws HoldfastException {
    // First, so that what is told of is in the list.
    loop.call(() -> {
      shard.tell(request, told);
      return told;
    });
    List<DamagedCopies.Copy> copies = damaged.of(request.machine());
    Set<BlockRef> lost = new LinkedHashSet<>();
    for (int i = 0; i < copies.size() && lost.size() <= Message.MAX_NAMES; i += PART) {
      List<DamagedCopies.Copy> part = copies.subList(i, Math.min(i + PART, copies.size()));
      lost(request, part).stream()
          .mapToObj(part::get)
          .forEach(copy -> lost.add(new BlockRef(copy.kind(), copy.name())));
    }
    boolean isAll = lost.size() <= Message.MAX_NAMES;
    List<BlockRef> named = new ArrayList<>(lost);
    return new Message.DamagedReply(!isAll, isAll ? named : named.subList(0, Message.MAX_NAMES));
  }

  /// In this order: what becomes durable in between is there still.
  private BitSet lost(Message.Damaged request, List<DamagedCopies.Copy> copies)
      throws HoldfastException {
    Shard.Recent recent = loop.call(() -> shard.recentlyLost(request, copies));
    return service.durable(rows -> {
      BitSet lost = (BitSet) recent.there().clone();
      recent.unknown().stream()
          .filter(i -> damaged.isLost(rows, copies.get(i), recent.begun()))
          .forEach(lost::set);
      return lost;
    });
  }
}
