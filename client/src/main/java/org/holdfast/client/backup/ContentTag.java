package org.holdfast.client.backup;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.holdfast.client.archive.Entry;
import org.holdfast.core.Bytes;

/// The keyed hash by which a small file's content is known again (`docs/format-archive.md`,
/// "Content tag"). One thread at a time.
final class ContentTag {
  private static final byte LABEL = (byte) 0x81;
  private final Mac mac;

  ContentTag(Bytes nameKey) {
    try {
      mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(nameKey.toArray(), "HmacSHA256"));
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every JDK has HmacSHA256", e);
    }
  }

  Bytes of(byte[] buffer, int from, int length) {
    mac.update(LABEL);
    mac.update(buffer, from, length);
    return Bytes.wrap(Arrays.copyOf(mac.doFinal(), Entry.RegularFile.TAG_LENGTH));
  }
}
