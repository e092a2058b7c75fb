package org.holdfast.protocol;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.List;
import java.util.zip.CRC32C;
import org.holdfast.core.FuzzContract;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;

/// An invite's text. There is one text for each invite, and with another checksum there is none.
final class InviteFuzzTest extends FuzzContract {
  private static final String PREFIX = "hfi1_";

  @Override
  protected List<byte[]> seeds() {
    InviteToken token = new InviteToken(Samples.INVITE, Samples.SECRET, Samples.OTHER.bytes());
    return List.of(token.encode().getBytes(UTF_8));
  }

  @Override
  protected Class<? extends HoldfastException> refusal() {
    return RefusedException.class;
  }

  @Override
  protected void parse(byte[] input) throws Exception {
    String text = new String(input, UTF_8);
    try {
      assertThat(InviteToken.decode(text).encode()).isEqualTo(text);
    } catch (RefusedException e) {
      String completed = completed(text, e);
      assertThat(InviteToken.decode(completed).encode()).isEqualTo(completed);
    }
  }

  /// The same with the right checksum, if it can have one.
  private static String completed(String text, RefusedException otherwise) throws RefusedException {
    byte[] body;
    try {
      body =
          Base64.getUrlDecoder().decode(text.substring(Math.min(PREFIX.length(), text.length())));
    } catch (IllegalArgumentException _) {
      throw otherwise;
    }
    if (body.length < Integer.BYTES) {
      throw otherwise;
    }
    CRC32C crc = new CRC32C();
    crc.update(body, 0, body.length - Integer.BYTES);
    ByteBuffer.wrap(body).putInt(body.length - Integer.BYTES, (int) crc.getValue());
    byte[] encoded = Base64.getUrlEncoder().withoutPadding().encode(body);
    return PREFIX + new String(encoded, US_ASCII);
  }
}
