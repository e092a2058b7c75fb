package org.holdfast.server.session;

import java.nio.ByteBuffer;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.SegmentId;
import org.holdfast.protocol.BlockBytes;
import org.holdfast.protocol.Connection;
import org.holdfast.protocol.Credit;
import org.holdfast.protocol.Message;
import org.holdfast.server.shard.ShardService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sends the blocks of one FETCH, as far as the client's credit goes.
final class BlockSender implements ShardService.BlockSink {
  private static final Logger LOG = LoggerFactory.getLogger(BlockSender.class);

  private final Connection connection;
  private final int stream;
  private final Credit credit;

  BlockSender(Connection connection, int stream, Credit credit) {
    this.connection = connection;
    this.stream = stream;
    this.credit = credit;
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
  public void damaged(int index, SegmentId segment) throws UnavailableException {
    LOG.error(
        "a block in {} (object {}) is damaged: restore the object from a copy of the bucket",
        segment,
        segment.key());
    missing(index);
  }
}
