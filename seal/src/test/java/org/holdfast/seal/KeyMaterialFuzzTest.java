package org.holdfast.seal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.FuzzContract;
import org.holdfast.core.Right;

/// The secret body of a key file, behind a byte that says for which rights. What is read is written
/// again to the same bytes.
final class KeyMaterialFuzzTest extends FuzzContract {
  private final List<byte[]> seeds = new ArrayList<>();

  @Override
  protected List<byte[]> seeds() throws Exception {
    if (seeds.isEmpty()) {
      MachineKeys all = MachineKeys.random(new TestRandom(30));
      for (int mask = 1; mask < 16; mask++) {
        Optional<Bytes> secrets =
            mask % 2 == 0 ? Optional.empty() : Optional.of(Bytes.ofHex("00ff"));
        byte[] body = new KeyMaterial(all.derive(rights(mask)), secrets).encode();
        byte[] seed = new byte[1 + body.length];
        seed[0] = (byte) mask;
        System.arraycopy(body, 0, seed, 1, body.length);
        seeds.add(seed);
      }
    }
    return seeds;
  }

  /// A good one makes key pairs.
  @Override
  protected int rounds() {
    return 200;
  }

  @Override
  protected long allocatedMax(int length) {
    return (2 << 20) + 256L * length;
  }

  @Override
  protected void parse(byte[] input) throws Exception {
    if (input.length == 0 || input[0] < 1 || input[0] > 15) {
      throw new CorruptException("no rights");
    }
    byte[] body = Arrays.copyOfRange(input, 1, input.length);
    assertThat(KeyMaterial.decode(body, rights(input[0])).encode()).isEqualTo(body);
  }

  private static Set<Right> rights(int mask) {
    EnumSet<Right> rights = EnumSet.allOf(Right.class);
    rights.removeIf(right -> (mask & 1 << right.ordinal()) == 0);
    return rights;
  }
}
