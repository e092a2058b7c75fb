package org.holdfast.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.holdfast.core.BlockClass;
import org.holdfast.core.Bytes;
import org.holdfast.core.FuzzContract;
import org.holdfast.core.HoldfastException;

/// What a server sends to a session that waits for answers of several kinds. Everybody who waits
/// gets an answer that fits or the session's failure, and nobody gets more blocks than he asked
/// for.
final class AnswersFuzzTest extends FuzzContract {
  private static final int FETCHED = 3;
  private static final int CREDIT = 40;

  @Override
  protected List<byte[]> seeds() throws Exception {
    Map<String, String> golden = MessageCodecTest.golden();
    List<byte[]> seeds = new ArrayList<>();
    seeds.add(
        stream(golden, Map.of("state reply", 1, "has reply", 2, "archives reply", 3, "done", 6)));
    seeds.add(stream(golden, Map.of("block", 4, "block missing", 4, "error", 5, "ping", 0)));
    seeds.add(stream(golden, Map.of("goodbye", 0, "error", 1)));
    seeds.add(fetched(null));
    seeds.add(fetched(Samples.block(1, 20)));
    return seeds;
  }

  @Override
  protected long allocatedMax(int length) {
    return super.allocatedMax(length) + FrameHeader.MAX_PAYLOAD;
  }

  @Override
  protected int rounds() {
    return 2_000;
  }

  @Override
  protected void parse(byte[] input) throws Exception {
    Bytes none = Bytes.wrap(new byte[32]);
    Credit credit = new Credit(1000);
    credit.take(500);
    Streams streams =
        new Streams(
            new StreamConnection(
                new ByteArrayInputStream(input),
                OutputStream.nullOutputStream(),
                none,
                none,
                "fuzzer",
                () -> {}),
            credit);
    List<Pending<? extends Message>> asked = new ArrayList<>();
    asked.add(streams.ask(new Message.State(Samples.MACHINE), Message.StateReply.class, _ -> true));
    asked.add(
        streams.ask(
            new Message.Has(
                Samples.MACHINE, Samples.TRANSACTION, BlockClass.CHUNK, List.of(Samples.NAME)),
            Message.HasReply.class,
            reply -> reply.count() == 10));
    asked.add(
        streams.ask(
            new Message.Archives(Samples.MACHINE, null, 1),
            Message.ArchivesReply.class,
            _ -> true));
    Fetching fetching = new Fetching(FETCHED, CREDIT, "fuzzer");
    streams.request(fetching, new Message.State(Samples.MACHINE));
    StoreLane lane = new StoreLane("fuzzer");
    streams.open(lane);
    asked.add(streams.ask(new Message.Ping(), Message.Done.class, _ -> true));

    streams.read();

    assertThat(streams.hasFailed()).as("the bytes have come to their end").isTrue();
    assertThat(asked).allMatch(Pending::isSettled);
    assertThat(taken(fetching)).isLessThanOrEqualTo(CREDIT);
    try {
      lane.check();
    } catch (HoldfastException _) {
      assertThat(credit.availableBytes()).isBetween(500L, 1000L);
    }
  }

  /// All of a fetch; with a second block it is more than the credit.
  private static byte[] fetched(BlockBytes second) {
    ByteArrayOutputStream fetch = new ByteArrayOutputStream();
    for (int i = 0; i < FETCHED; i++) {
      fetch.writeBytes(frame(4, new Message.Block(i, i == 1 ? second : Samples.block(i, 20))));
    }
    fetch.writeBytes(frame(4, new Message.Done()));
    fetch.writeBytes(frame(0, new Message.MoreCredit(1)));
    return fetch.toByteArray();
  }

  /// Bytes of the blocks that came, until the end or a failure.
  private static int taken(Fetching fetching) {
    int bytes = 0;
    try {
      for (Optional<Message.Block> next = fetching.next();
          next.isPresent();
          next = fetching.next()) {
        BlockBytes block = next.get().bytes();
        bytes += block == null ? 0 : block.length();
      }
      return bytes;
    } catch (HoldfastException _) {
      return bytes;
    }
  }

  private static byte[] stream(Map<String, String> golden, Map<String, Integer> streams) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    // In an order of its own, which that of the map is not.
    new TreeMap<>(streams)
        .forEach((name, stream) -> {
          byte[] frame = HexFormat.of().parseHex(golden.get(name));
          ByteBuffer.wrap(frame).putInt(8, stream);
          all.writeBytes(frame);
        });
    return all.toByteArray();
  }

  private static byte[] frame(int stream, Message message) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Bytes none = Bytes.wrap(new byte[32]);
    try {
      new StreamConnection(
              new ByteArrayInputStream(new byte[0]), out, none, none, "fuzzer", () -> {})
          .send(stream, message);
    } catch (HoldfastException e) {
      throw new AssertionError("memory does not break", e);
    }
    return out.toByteArray();
  }
}
