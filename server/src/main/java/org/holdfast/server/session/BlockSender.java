package org.holdfast.server.session;

import java.nio.ByteBuffer;
import java.util.function.BooleanSupplier;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.SegmentId;
import org.holdfast.protocol.BlockBytes;
import org.holdfast.protocol.Connection;
import org.holdfast.protocol.Credit;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.Share;
import org.holdfast.server.shard.BlockSink;
import org.holdfast.server.shard.Damage;

/// Sends the blocks of one FETCH, as far as the client's credit and the server's memory go.
///
/// The credit is taken before the memory, and both before the read: a client that gives no credit
/// holds no memory. One that gives credit and does not read its connection holds its machine's
/// share, until the connection ends because a send is stuck ([org.holdfast.protocol.KeptAlive]).
final class BlockSender implements BlockSink {
  private final Connection connection;
  private final int stream;
  private final Credit credit;
  private final Share memory;
  private final BooleanSupplier over;
  private final DamageReport damages;

  BlockSender(
      Connection connection,
      int stream,
      Credit credit,
      Share memory,
      BooleanSupplier over,
      DamageReport damages) {
    this.connection = connection;
    this.stream = stream;
    this.credit = credit;
    this.memory = memory;
    this.over = over;
    this.damages = damages;
  }

  @Override
  public void reserve(long blockBytes, int readBytes) throws UnavailableException {
    try {
      credit.take(blockBytes);
      if (!memory.take(readBytes, over)) {
        throw new UnavailableException("the session is over");
      }
    } catch (UnavailableException e) {
      throw e;
    } catch (HoldfastException e) {
      throw new UnavailableException(e.getMessage(), e);
    }
  }

  @Override
  public boolean tryReserve(long blockBytes, int readBytes) {
    if (!credit.tryTake(blockBytes)) {
      return false;
    }
    boolean taken = memory.tryTake(readBytes);
    if (!taken) {
      giveBackCredit(blockBytes);
    }
    return taken;
  }

  @Override
  public void release(int readBytes) {
    memory.give(readBytes);
  }

  @Override
  public boolean isOver() {
    return over.getAsBoolean();
  }

  @Override
  public void block(int index, ByteBuffer bytes) throws UnavailableException {
    connection.send(stream, new Message.Block(index, BlockBytes.of(bytes)));
  }

  @Override
  public void missing(int index) throws UnavailableException {
    connection.send(stream, new Message.Block(index, null));
  }

  @Override
  public void unread(int length) {
    giveBackCredit(length);
  }

  @Override
  public void damaged(SegmentId segment, Damage damage) {
    damages.tell(segment, damage);
  }

  private void giveBackCredit(long bytes) {
    try {
      credit.give(bytes);
    } catch (CorruptException e) {
      throw new IllegalStateException("credit is given back once", e);
    }
  }
}
