package org.holdfast.server.session;

import java.nio.ByteBuffer;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.SegmentId;
import org.holdfast.protocol.BlockBytes;
import org.holdfast.protocol.Connection;
import org.holdfast.protocol.Credit;
import org.holdfast.protocol.Message;
import org.holdfast.server.shard.Damage;
import org.holdfast.server.shard.ShardService;

/// Sends the blocks of one FETCH, as far as the client's credit goes.
final class BlockSender implements ShardService.BlockSink {
  private final Connection connection;
  private final int stream;
  private final Credit credit;
  private final DamageReport damages;

  BlockSender(Connection connection, int stream, Credit credit, DamageReport damages) {
    this.connection = connection;
    this.stream = stream;
    this.credit = credit;
    this.damages = damages;
  }

  @Override
  public void block(int index, ByteBuffer bytes) throws UnavailableException {
    try {
      credit.take(bytes.remaining());
    } catch (UnavailableException e) {
      throw e;
    } catch (HoldfastException e) {
      throw new UnavailableException(e.getMessage(), e);
    }
    connection.send(stream, new Message.Block(index, BlockBytes.of(bytes)));
  }

  @Override
  public void missing(int index) throws UnavailableException {
    connection.send(stream, new Message.Block(index, null));
  }

  @Override
  public void damaged(SegmentId segment, Damage damage) {
    damages.tell(segment, damage);
  }
}
