package org.holdfast.server.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.ServiceId;
import org.holdfast.log.LogKey;
import org.holdfast.log.StateDigest;
import org.holdfast.server.state.Fingerprint;
import org.holdfast.server.state.Position;
import org.junit.jupiter.api.Test;

class ImageListTest {
  private static final LogKey KEY = new LogKey(filled(LogKey.LENGTH, 7));
  private static final ImageMac MAC = new ImageMac(KEY);

  private static final ImageList LIST =
      new ImageList(
          new ServiceId(filled(ServiceId.LENGTH, 1)),
          3,
          new Position(4, 5, 6, new Fingerprint(new StateDigest(7, 8), 9)),
          10,
          List.of(
              new ImageFile("000012.sst", 9 << 20, List.of(filled(32, 0xaa), filled(32, 0xbb))),
              new ImageFile("CURRENT", 16, List.of(filled(32, 0xcc))),
              new ImageFile("MANIFEST-000011", 0, List.of())));

  private static Bytes filled(int length, int value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return Bytes.wrap(bytes);
  }

  /// The HMAC is another program's (Python's `hmac` and RFC 5869 by hand), as is the next test's.
  @Test
  void aListHasTheseBytes() throws Exception {
    String golden =
        "4846494d01"
            + "01".repeat(16)
            + "00000003"
            + "00000004"
            + "0000000000000005"
            + "0000000000000006"
            + "00000000000000070000000000000008"
            + "0000000000000009"
            + "000000000000000a"
            + "00000003"
            + "0a"
            + HexFormat.of().formatHex("000012.sst".getBytes())
            + "0000000000900000"
            + "aa".repeat(32)
            + "bb".repeat(32)
            + "07"
            + HexFormat.of().formatHex("CURRENT".getBytes())
            + "0000000000000010"
            + "cc".repeat(32)
            + "0f"
            + HexFormat.of().formatHex("MANIFEST-000011".getBytes())
            + "0000000000000000"
            + "c1904a30063a30c66879f2cc20abaab525c5d97efd6a5fac15dcb9b415059a9a";
    assertThat(HexFormat.of().formatHex(LIST.encode(MAC))).isEqualTo(golden);
    assertThat(ImageList.decode(HexFormat.of().parseHex(golden), MAC)).isEqualTo(LIST);
  }

  @Test
  void aPieceIsNamedByItsHmacUnderAKeyOfItsOwn() {
    ByteBuffer piece = ByteBuffer.wrap("some rows".getBytes());
    assertThat(MAC.ofPiece(piece).toString())
        .isEqualTo("d0fe087c61e64022e563b8abbd164fef4796143d65a3cf4157d33085584d92d9");
    assertThat(MAC.ofList(piece)).isNotEqualTo(MAC.ofPiece(piece));
  }

  @Test
  void aListThatIsCutOrChangedAnywhereIsVoid() {
    byte[] whole = LIST.encode(MAC);
    for (int i = 0; i < whole.length; i++) {
      byte[] cut = Arrays.copyOf(whole, i);
      assertThatThrownBy(() -> ImageList.decode(cut, MAC)).isInstanceOf(CorruptException.class);
      byte[] changed = whole.clone();
      changed[i] ^= 1;
      assertThatThrownBy(() -> ImageList.decode(changed, MAC)).hasMessage("its HMAC is wrong");
    }
  }

  /// Whoever has the key may still have another version, or a defect.
  @Test
  void whatIsAuthenticAndMakesNoSenseIsVoidToo() {
    Random random = new Random(3);
    byte[] whole = LIST.encode(MAC);
    int body = whole.length - ImageMac.LENGTH;
    for (int i = 0; i < 20_000; i++) {
      byte[] changed = Arrays.copyOf(whole, random.nextInt(4) == 0 ? random.nextInt(body) : body);
      for (int j = random.nextInt(4); j >= 0 && changed.length > 0; j--) {
        changed[random.nextInt(changed.length)] = (byte) (random.nextBoolean() ? 0xff : i);
      }
      try {
        ImageList read = ImageList.decode(signed(changed), MAC);
        assertThat(read.encode(MAC)).isEqualTo(signed(changed));
      } catch (CorruptException e) {
        assertThat(e.getMessage()).isNotEmpty();
      }
    }
  }

  @Test
  void aNameThatMightBeAPathMakesAListVoid() throws Exception {
    for (String name : List.of("../../etc1", "/tmp/a.sst", "00012/.sst", "000012.ssu")) {
      byte[] list = LIST.encode(MAC);
      byte[] body = Arrays.copyOf(list, list.length - ImageMac.LENGTH);
      byte[] into = name.getBytes();
      assertThat(into).hasSize("000012.sst".length());
      System.arraycopy(into, 0, body, 82, into.length);
      assertThatThrownBy(() -> ImageList.decode(signed(body), MAC))
          .as(name)
          .hasMessage("it names a file that no index has");
    }
  }

  @Test
  void moreFilesAndLongerOnesThanMayBeMakeAListVoid() {
    byte[] list = LIST.encode(MAC);
    byte[] many = Arrays.copyOf(list, list.length - ImageMac.LENGTH);
    ByteBuffer.wrap(many).putInt(77, ImageList.PIECES_MAX + 1);
    assertThatThrownBy(() -> ImageList.decode(signed(many), MAC)).hasMessageContaining("number");
    for (long length : new long[] {-1, Long.MAX_VALUE, (ImageList.PIECES_MAX + 1L) << 23}) {
      byte[] longer = Arrays.copyOf(list, list.length - ImageMac.LENGTH);
      ByteBuffer.wrap(longer).putLong(92, length);
      assertThatThrownBy(() -> ImageList.decode(signed(longer), MAC))
          .hasMessageContaining("more than may be");
    }
  }

  private static byte[] signed(byte[] body) {
    return ByteBuffer.allocate(body.length + ImageMac.LENGTH)
        .put(body)
        .put(MAC.ofList(ByteBuffer.wrap(body)).toArray())
        .array();
  }
}
