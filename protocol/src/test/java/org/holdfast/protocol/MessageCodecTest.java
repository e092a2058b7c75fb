package org.holdfast.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.holdfast.core.BlockClass;
import org.holdfast.core.CorruptException;
import org.junit.jupiter.api.Test;

final class MessageCodecTest {
  private static final int HEADER = FrameHeader.LENGTH;

  @Test
  void everyMessageIsEncodedAsTheGoldenFileSays() throws Exception {
    Map<String, String> encoded = new LinkedHashMap<>();
    Samples.all()
        .forEach((name, sample) ->
            encoded.put(name, HexFormat.of().formatHex(bytes(sample.stream(), sample.message()))));
    assertThat(encoded).isEqualTo(golden());
  }

  @Test
  void everyGoldenMessageIsDecodedAsWhatItWas() throws Exception {
    Map<String, Received> samples = Samples.all();
    for (Map.Entry<String, String> each : golden().entrySet()) {
      byte[] frame = HexFormat.of().parseHex(each.getValue());
      assertThat(decode(frame)).as(each.getKey()).isEqualTo(samples.get(each.getKey()));
    }
  }

  @Test
  void theSamplesHoldEveryType() {
    assertThat(
            Samples.all().values().stream()
                .map(sample -> MessageType.of(sample.message()))
                .collect(Collectors.toSet()))
        .containsExactlyInAnyOrder(MessageType.values());
  }

  @Test
  void everyTruncationIsRefused() throws Exception {
    for (Map.Entry<String, String> each : golden().entrySet()) {
      byte[] frame = HexFormat.of().parseHex(each.getValue());
      int fixed = fixedLength(frame);
      for (int length = 0; length < frame.length - HEADER; length++) {
        byte[] cut = withPayload(frame, Arrays.copyOfRange(frame, HEADER, HEADER + length));
        if (length > fixed) {
          assertThat(decode(cut)).as("a shorter block").isNotEqualTo(decode(frame));
          continue;
        }
        assertThatThrownBy(() -> decode(cut))
            .as(each.getKey() + " cut to " + length)
            .isInstanceOf(CorruptException.class);
      }
    }
  }

  @Test
  void everyExtensionIsRefused() throws Exception {
    for (Map.Entry<String, String> each : golden().entrySet()) {
      byte[] frame = HexFormat.of().parseHex(each.getValue());
      if (fixedLength(frame) < frame.length - HEADER) {
        continue;
      }
      for (int more = 1; more <= 70; more++) {
        byte[] payload = Arrays.copyOfRange(frame, HEADER, frame.length + more);
        assertThatThrownBy(() -> decode(withPayload(frame, payload)))
            .as(each.getKey() + " with " + more + " bytes more")
            .isInstanceOf(CorruptException.class);
      }
    }
  }

  /// Whatever is accepted is encoded as the very bytes that came: there is one encoding for each.
  @Test
  void changedBytesAreRefusedOrMeanSomethingElse() throws Exception {
    Random random = new Random(1);
    for (String hex : golden().values()) {
      byte[] frame = HexFormat.of().parseHex(hex);
      for (int round = 0; round < 2000; round++) {
        byte[] changed = frame.clone();
        changed[4 + random.nextInt(frame.length - 4)] = (byte) random.nextInt(256);
        Received received;
        try {
          received = decode(changed);
        } catch (CorruptException e) {
          continue;
        }
        assertThat(bytes(received.stream(), received.message())).isEqualTo(changed);
      }
    }
  }

  @Test
  void longFramesAreRefusedByTheirHeader() {
    for (MessageType type : MessageType.values()) {
      assertThat(type.maxPayload()).isLessThanOrEqualTo(FrameHeader.MAX_PAYLOAD);
      assertThatThrownBy(() -> header(type.maxPayload() + 1, type.code(), FrameHeader.MAX_PAYLOAD))
          .isInstanceOf(CorruptException.class)
          .hasMessageContaining("too long");
      assertThatThrownBy(() -> header(-1, type.code(), FrameHeader.MAX_PAYLOAD))
          .isInstanceOf(CorruptException.class);
    }
    assertThatThrownBy(() -> header(1001, MessageType.STORE.code(), 1000))
        .isInstanceOf(CorruptException.class);
  }

  @Test
  void unknownTypesAndFlagsAreRefused() throws Exception {
    for (int type : new int[] {0, 39, 127, 255}) {
      assertThatThrownBy(() -> header(0, type, 1000)).isInstanceOf(CorruptException.class);
    }
    byte[] ping = bytes(0, new Message.Ping());
    decode(ping);
    for (int at = 5; at < 8; at++) {
      byte[] flagged = ping.clone();
      flagged[at] = 1;
      assertThatThrownBy(() -> decode(flagged)).isInstanceOf(CorruptException.class);
    }
  }

  @Test
  void theLongestMessagesFit() throws Exception {
    Message store =
        new Message.Store(
            Samples.MACHINE,
            Samples.TRANSACTION,
            BlockClass.CHUNK,
            Samples.NAME,
            BlockBytes.of(ByteBuffer.allocate(BlockBytes.MAX_LENGTH)));
    assertThat(decode(bytes(1, store)).message()).isEqualTo(store);
    Message fetch =
        new Message.Fetch(
            Samples.MACHINE,
            Message.MAX_U32,
            Collections.nCopies(Message.MAX_NAMES, new BlockRef(BlockClass.PAGE, Samples.NAME)));
    assertThat(decode(bytes(1, fetch)).message()).isEqualTo(fetch);
  }

  @Test
  void aBlockIsNotCopiedEitherWay() throws Exception {
    byte[] array = {1, 2, 3};
    Message.Store store =
        new Message.Store(
            Samples.MACHINE,
            Samples.TRANSACTION,
            BlockClass.CHUNK,
            Samples.NAME,
            BlockBytes.of(ByteBuffer.wrap(array, 0, 1), ByteBuffer.wrap(array, 1, 2)));
    Frame frame = MessageCodec.encode(1, store);
    assertThat(frame.tail()).isNotNull();
    assertThat(frame.tail().parts()).allSatisfy(part -> assertThat(part.array()).isSameAs(array));

    byte[] bytes = bytes(1, store);
    ByteBuffer payload = ByteBuffer.wrap(bytes).position(HEADER);
    Message.Store decoded = (Message.Store) MessageCodec.decode(MessageType.STORE, payload, null);
    assertThat(decoded.bytes().joined().array()).isSameAs(bytes);
  }

  static Map<String, String> golden() throws Exception {
    Map<String, String> golden = new LinkedHashMap<>();
    try (InputStream in = MessageCodecTest.class.getResourceAsStream("messages.txt")) {
      for (String line : new String(in.readAllBytes(), UTF_8).split("\n")) {
        if (!line.startsWith("#")) {
          String[] parts = line.split(": ");
          golden.put(parts[0], parts[1]);
        }
      }
    }
    return golden;
  }

  /// How long a payload is without the block at its end, which may have any length.
  private static int fixedLength(byte[] frame) {
    if (frame[4] == MessageType.STORE.code()) {
      return 65;
    }
    boolean found = frame[4] == MessageType.BLOCK.code() && frame[HEADER + 2] == 1;
    return found ? 3 : frame.length - HEADER;
  }

  private static byte[] withPayload(byte[] frame, byte[] payload) {
    return ByteBuffer.allocate(HEADER + payload.length)
        .putInt(payload.length)
        .put(frame, 4, HEADER - 4)
        .put(payload)
        .array();
  }

  private static FrameHeader header(int length, int type, int limit) throws CorruptException {
    ByteBuffer bytes = ByteBuffer.allocate(HEADER).putInt(length).put((byte) type).clear();
    return FrameHeader.decode(bytes, limit);
  }

  private static Received decode(byte[] frame) throws CorruptException {
    ByteBuffer bytes = ByteBuffer.wrap(frame);
    FrameHeader header = FrameHeader.decode(bytes, FrameHeader.MAX_PAYLOAD);
    return new Received(header.stream(), MessageCodec.decode(header.type(), bytes, null));
  }

  private static byte[] bytes(int stream, Message message) {
    Frame frame = MessageCodec.encode(stream, message);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(frame.head().array(), 0, frame.head().limit());
    if (frame.tail() != null) {
      byte[] tail = new byte[frame.tail().length()];
      frame.tail().joined().get(tail);
      out.writeBytes(tail);
    }
    return out.toByteArray();
  }
}
