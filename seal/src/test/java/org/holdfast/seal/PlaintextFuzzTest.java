package org.holdfast.seal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.holdfast.core.FuzzContract;

/// A part's plaintext, from somebody who has the keys. What is unpacked packs and unpacks to the
/// same; which of the ways to compress it was taken is not known.
final class PlaintextFuzzTest extends FuzzContract {
  private static final int RAW_MAX = 64 << 10;

  private final Packer packer = new Packer(3);
  private final Unpacker unpacker = new Unpacker();

  @Override
  protected List<byte[]> seeds() {
    byte[] noise = new byte[300];
    new TestRandom(31).nextBytes(noise);
    return List.of(packed(new byte[0]), packed(noise), packed(new byte[5_000]));
  }

  /// A few bytes may stand for many zeros.
  @Override
  protected long allocatedMax(int length) {
    return super.allocatedMax(length) + 8L * RAW_MAX;
  }

  @Override
  protected void parse(byte[] input) throws Exception {
    byte[] raw = Opened.array(unpacker.unpack(input, input.length, RAW_MAX));
    assertThat(raw.length).isLessThanOrEqualTo(RAW_MAX);
    byte[] again = packed(raw);
    assertThat(Opened.array(unpacker.unpack(again, again.length, RAW_MAX))).isEqualTo(raw);
  }

  private byte[] packed(byte[] raw) {
    int length = packer.pack(raw, 0, raw.length);
    return Arrays.copyOf(packer.plain(), length);
  }
}
