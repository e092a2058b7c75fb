package org.holdfast.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.holdfast.core.Bytes;
import org.holdfast.core.FuzzContract;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.UnavailableException;

/// What comes over a connection, at either end: both read every type of message. Each message that
/// is read is sent again as the same bytes.
final class FrameFuzzTest extends FuzzContract {
  /// What a server takes before a right is proven.
  private static final int PAYLOAD_MAX = 64 << 10;

  @Override
  protected List<byte[]> seeds() throws Exception {
    List<byte[]> seeds = new ArrayList<>();
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (String hex : MessageCodecTest.golden().values()) {
      seeds.add(HexFormat.of().parseHex(hex));
      all.writeBytes(HexFormat.of().parseHex(hex));
    }
    seeds.add(all.toByteArray());
    return seeds;
  }

  /// Bytes that end in the middle of a message are a connection that broke.
  @Override
  protected Class<? extends HoldfastException> refusal() {
    return HoldfastException.class;
  }

  /// A header that promises a long payload costs as much as one may be long, once.
  @Override
  protected long allocatedMax(int length) {
    return super.allocatedMax(length) + 3L * PAYLOAD_MAX;
  }

  @Override
  protected void parse(byte[] input) throws Exception {
    ByteArrayInputStream in = new ByteArrayInputStream(input);
    ByteArrayOutputStream out = new ByteArrayOutputStream(input.length);
    StreamConnection receiver = connection(in, OutputStream.nullOutputStream());
    receiver.limitPayload(PAYLOAD_MAX);
    StreamConnection sender = connection(InputStream.nullInputStream(), out);
    try {
      Optional<Received> next = receiver.receive();
      while (next.isPresent()) {
        sender.send(next.get().stream(), next.get().message());
        int read = input.length - in.available();
        assertThat(out.size()).isEqualTo(read);
        next = receiver.receive();
      }
    } catch (UnavailableException e) {
      assertThat(in.available()).as("bytes after a connection's end").isZero();
      throw e;
    } finally {
      assertThat(out.toByteArray()).isEqualTo(Arrays.copyOf(input, out.size()));
    }
  }

  private static StreamConnection connection(InputStream in, OutputStream out) {
    Bytes none = Bytes.wrap(new byte[32]);
    return new StreamConnection(in, out, none, none, "fuzzer", () -> {});
  }
}
