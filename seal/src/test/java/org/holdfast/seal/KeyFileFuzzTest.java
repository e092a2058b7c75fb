package org.holdfast.seal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.holdfast.core.CorruptException;
import org.holdfast.core.FuzzContract;

/// A key file, one under a passphrase up to where the passphrase is needed. With another checksum
/// it is refused; with the right one it is refused or written again to the same bytes.
final class KeyFileFuzzTest extends FuzzContract {
  private static final String CHECKSUM = "checksum: ";

  @Override
  protected List<byte[]> seeds() throws Exception {
    return List.of(
        Resources.text("golden/key-file.txt").getBytes(StandardCharsets.UTF_8),
        Resources.text("golden/key-file-passphrase.txt").getBytes(StandardCharsets.UTF_8));
  }

  /// A good one makes key pairs.
  @Override
  protected int rounds() {
    return 300;
  }

  @Override
  protected long allocatedMax(int length) {
    return (2 << 20) + 256L * length;
  }

  @Override
  protected void parse(byte[] input) throws Exception {
    byte[] completed = completed(input);
    if (!Arrays.equals(completed, input)) {
      assertThat(isRead(input)).isFalse();
    }
    if (KeyFileFormat.read(completed, null) instanceof KeyFileReading.Open open) {
      assertThat(KeyFileFormat.write(open.file())).isEqualTo(completed);
    }
  }

  private static boolean isRead(byte[] input) {
    try {
      KeyFileFormat.read(input, null);
      return true;
    } catch (CorruptException _) {
      return false;
    }
  }

  /// With the checksum that it must have, in the place of the last line.
  private static byte[] completed(byte[] input) {
    int end = Math.max(0, input.length - 1);
    while (end > 0 && input[end - 1] != '\n') {
      end--;
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(input, 0, end);
    byte[] sum = Digests.sha256(out.toByteArray());
    String line = CHECKSUM + HexFormat.of().formatHex(sum) + "\n";
    out.writeBytes(line.getBytes(StandardCharsets.US_ASCII));
    return out.toByteArray();
  }
}
