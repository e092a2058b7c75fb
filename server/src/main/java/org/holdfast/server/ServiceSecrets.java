package org.holdfast.server;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.ServiceId;
import org.holdfast.log.LogKey;
import org.holdfast.protocol.ServerIdentity;

/// The few things that a service cannot be brought back without, besides its bucket: its id, the
/// key that authenticates its log, the key that its clients have pinned.
///
/// ```
/// HOLDFAST SERVICE 1
/// service: HEX          16 bytes
/// log-key: BASE64       32 bytes
/// identity: BASE64      64 bytes, Ed25519 private and public
/// checksum: HEX         SHA-256 of everything before this line
/// ```
public record ServiceSecrets(ServiceId service, Bytes logKey, ServerIdentity identity) {
  private static final String TITLE = "HOLDFAST SERVICE 1";

  public static ServiceSecrets create(SecureRandom random) {
    byte[] key = new byte[LogKey.LENGTH];
    random.nextBytes(key);
    return new ServiceSecrets(
        ServiceId.random(random), Bytes.wrap(key), ServerIdentity.create(random));
  }

  public String encode() {
    Base64.Encoder base64 = Base64.getEncoder();
    String body =
        TITLE
            + "\nservice: "
            + service
            + "\nlog-key: "
            + base64.encodeToString(logKey.toArray())
            + "\nidentity: "
            + base64.encodeToString(identity.encode().toArray())
            + "\n";
    return body + "checksum: " + checksum(body) + "\n";
  }

  /// White space at the end does not count, since text that is pasted gains and loses it; all else
  /// must be what [#encode] writes.
  public static ServiceSecrets decode(String file) throws CorruptException {
    String text = file.stripTrailing() + "\n";
    int end = text.lastIndexOf("checksum: ");
    List<String> lines = text.lines().toList();
    if (lines.size() != 5 || end < 0 || !lines.getFirst().equals(TITLE)) {
      throw new CorruptException("this is not a file of service secrets: use another copy");
    }
    if (!text.substring(end).equals("checksum: " + checksum(text.substring(0, end)) + "\n")) {
      throw new CorruptException("the file of service secrets is damaged: use another copy");
    }
    try {
      ServiceSecrets secrets =
          new ServiceSecrets(
              new ServiceId(sized(Bytes.ofHex(value(lines.get(1), "service: ")), ServiceId.LENGTH)),
              sized(base64(value(lines.get(2), "log-key: ")), LogKey.LENGTH),
              ServerIdentity.decode(base64(value(lines.get(3), "identity: "))));
      if (secrets.encode().equals(text)) {
        return secrets;
      }
    } catch (IllegalArgumentException e) {
      throw new CorruptException("the file of service secrets makes no sense: use another copy", e);
    }
    throw new CorruptException(
        "the file of service secrets is not written as it must be: use another copy");
  }

  private static String value(String line, String name) throws CorruptException {
    if (!line.startsWith(name)) {
      throw new CorruptException("the file of service secrets has no line " + name);
    }
    return line.substring(name.length());
  }

  private static Bytes base64(String value) {
    return Bytes.wrap(Base64.getDecoder().decode(value));
  }

  private static Bytes sized(Bytes bytes, int length) {
    if (bytes.length() != length) {
      throw new IllegalArgumentException(bytes.length() + " bytes, not " + length);
    }
    return bytes;
  }

  private static String checksum(String body) {
    try {
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  /// Without the secrets.
  @Override
  public String toString() {
    return "secrets of service " + service;
  }
}
