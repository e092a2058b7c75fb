package org.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.FuzzContract;
import org.holdfast.core.ServiceId;
import org.holdfast.protocol.ServerIdentity;

/// A service's file of secrets, also as a key file carries it. With another checksum it is refused;
/// with the right one it is refused or written again to the same text. White space at the end does
/// not count.
final class ServiceSecretsFuzzTest extends FuzzContract {
  private static final String CHECKSUM = "checksum: ";

  /// The first key pair of RFC 8032, section 7.1.
  private static final Bytes IDENTITY =
      Bytes.ofHex(
          "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
              + "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");

  @Override
  protected List<byte[]> seeds() throws Exception {
    ServiceSecrets secrets =
        new ServiceSecrets(
            ServiceId.of(new byte[16]), Bytes.wrap(new byte[32]), ServerIdentity.decode(IDENTITY));
    return List.of(secrets.encode().getBytes(StandardCharsets.UTF_8));
  }

  @Override
  protected int rounds() {
    return 1_000;
  }

  @Override
  protected void parse(byte[] input) throws Exception {
    String text = new String(input, StandardCharsets.UTF_8);
    String completed = completed(text);
    if (!completed.stripTrailing().equals(text.stripTrailing())) {
      assertThat(isRead(text)).isFalse();
    }
    assertThat(ServiceSecrets.decode(completed).encode()).isEqualTo(completed);
  }

  private static boolean isRead(String text) {
    try {
      ServiceSecrets.decode(text);
      return true;
    } catch (CorruptException _) {
      return false;
    }
  }

  /// With the checksum that it must have, in the place of the last line.
  private static String completed(String text) throws Exception {
    int end = text.lastIndexOf(CHECKSUM);
    String body = end < 0 ? text : text.substring(0, end);
    byte[] sum = MessageDigest.getInstance("SHA-256").digest(body.getBytes(StandardCharsets.UTF_8));
    return body + CHECKSUM + HexFormat.of().formatHex(sum) + "\n";
  }
}
