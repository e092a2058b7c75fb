package org.holdfast.client.archive;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.holdfast.core.CorruptException;
import org.holdfast.core.FuzzContract;

/// What a client remembers of its last archive. With another checksum it is refused; with the right
/// one it is refused or written again to the same bytes.
final class SeenFuzzTest extends FuzzContract {
  private static final Path FILE = Path.of("cache", "seen");

  @Override
  protected List<byte[]> seeds() {
    return List.of(SeenArchive.of(FILE.getParent(), 7, PageDecoderTest.chunk(0x33)).encode());
  }

  @Override
  protected void parse(byte[] input) throws Exception {
    byte[] completed = input.clone();
    int summed = input.length - Integer.BYTES;
    if (summed >= 0) {
      ByteBuffer bytes = ByteBuffer.wrap(completed);
      bytes.putInt(summed, ListFormat.checksum(bytes.slice(0, summed)));
    }
    if (!Arrays.equals(completed, input)) {
      assertThat(isRead(input)).isFalse();
    }
    assertThat(SeenArchive.decode(completed, FILE).encode()).isEqualTo(completed);
  }

  private static boolean isRead(byte[] bytes) {
    try {
      SeenArchive.decode(bytes, FILE);
      return true;
    } catch (CorruptException _) {
      return false;
    }
  }
}
