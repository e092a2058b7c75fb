package org.holdfast.seal;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.MachineId;
import org.holdfast.core.RefusedException;
import org.jspecify.annotations.Nullable;

/// A [KeyFile] in text, see `docs/format-sealing.md` section 4.
///
/// Each key file has one text for each salt, and only that one is read: what was parsed is written
/// again and compared.
public final class KeyFileFormat {
  /// Nothing longer is read.
  public static final int BYTES_MAX = 1 << 20;

  private static final String MAGIC = "HOLDFAST KEY ";
  private static final String FIRST = MAGIC + "1";
  private static final String CHECKSUM = "checksum: ";
  private static final byte[] LINE_END = {'\n'};
  private static final int BASE64_LINE = 76;

  private KeyFileFormat() {}

  /// Without a passphrase. Throws [RefusedException] for a name or address that does not fit.
  public static byte[] write(KeyFile file) throws RefusedException {
    String header = header(file.header(), new Protection.None());
    return complete(header, material(file).encode());
  }

  /// Under a passphrase, with a salt drawn from `random`.
  public static byte[] write(KeyFile file, char[] passphrase, Argon2id cost, SecureRandom random)
      throws RefusedException {
    if (passphrase.length == 0) {
      throw new RefusedException("the passphrase is empty; give one, or ask for none");
    }
    byte[] salt = new byte[Argon2id.SALT_LENGTH];
    random.nextBytes(salt);
    String header = header(file.header(), new Protection.Passphrase(cost, Bytes.wrap(salt)));
    byte[] key = cost.derive(passphrase, salt);
    byte[] associated = header.getBytes(StandardCharsets.UTF_8);
    return complete(header, Gcm.sealOnce(key, associated, material(file).encode()));
  }

  /// Throws [CorruptException] for a damaged file, or one that is no key file.
  ///
  /// @param passphrase ignored if the file has none
  public static KeyFileReading read(byte[] bytes, char @Nullable [] passphrase)
      throws CorruptException {
    String text = checkedText(bytes);
    int headerEnd = text.indexOf("\n\n");
    if (headerEnd < 0) {
      throw new CorruptException("key file has no end of its header; use another copy");
    }
    String headerText = text.substring(0, headerEnd + 2);
    List<String> lines = List.of(headerText.substring(0, headerEnd).split("\n", -1));
    Protection protection = Protection.parse(value(lines, lines.size() - 1, "protection"));
    KeyFileHeader header = header(lines);
    if (!headerText.equals(headerText(header, protection))) {
      throw new CorruptException("key file's header is not written as it must be");
    }
    byte[] body = body(text.substring(headerEnd + 2));
    return switch (protection) {
      case Protection.None _ -> open(header, body, false);
      case Protection.Passphrase p when passphrase == null ->
          new KeyFileReading.PassphraseNeeded(header);
      case Protection.Passphrase(Argon2id cost, Bytes salt) -> {
        byte[] key = cost.derive(passphrase, salt.toArray());
        byte[] associated = headerText.getBytes(StandardCharsets.UTF_8);
        byte[] plain;
        try {
          plain = Gcm.openOnce(key, associated, body);
        } catch (CorruptException e) {
          yield new KeyFileReading.PassphraseWrong(header);
        }
        yield open(header, plain, true);
      }
    };
  }

  private static KeyMaterial material(KeyFile file) throws RefusedException {
    int length = file.serviceSecrets().map(Bytes::length).orElse(1);
    if (length < 1 || length > KeyMaterial.SERVICE_SECRETS_MAX) {
      throw new RefusedException("service secrets of " + length + " bytes do not fit a key file");
    }
    return new KeyMaterial(file.keys(), file.serviceSecrets());
  }

  private static String header(KeyFileHeader header, Protection protection)
      throws RefusedException {
    header.checkWritable();
    return headerText(header, protection);
  }

  private static String headerText(KeyFileHeader header, Protection protection) {
    StringBuilder text = new StringBuilder(FIRST).append('\n');
    for (String service : header.services()) {
      text.append("service: ").append(service).append('\n');
    }
    header
        .serverKey()
        .ifPresent(key -> text.append("server-key: ").append(base64(key)).append('\n'));
    return text.append("machine: ")
        .append(header.machine())
        .append("\nmachine-id: ")
        .append(header.machineId())
        .append("\nrights: ")
        .append(Rights.format(header.rights()))
        .append("\nprotection: ")
        .append(protection)
        .append("\n\n")
        .toString();
  }

  private static byte[] complete(String header, byte[] body) {
    String encoded = Base64.getMimeEncoder(BASE64_LINE, LINE_END).encodeToString(body);
    String text = header + encoded + "\n";
    byte[] checksum = Digests.sha256(text.getBytes(StandardCharsets.UTF_8));
    return (text + CHECKSUM + HexFormat.of().formatHex(checksum) + "\n")
        .getBytes(StandardCharsets.UTF_8);
  }

  /// The text before the checksum's line.
  private static String checkedText(byte[] bytes) throws CorruptException {
    if (bytes.length > BYTES_MAX) {
      throw new CorruptException("not a Holdfast key file: it is longer than 1 MiB");
    }
    byte[] magic = MAGIC.getBytes(StandardCharsets.US_ASCII);
    if (bytes.length < magic.length || !startsWith(bytes, magic)) {
      throw new CorruptException("not a Holdfast key file");
    }
    int lineBytes = CHECKSUM.length() + 64 + 1;
    int split = bytes.length - lineBytes;
    byte[] sum = Digests.sha256(Arrays.copyOf(bytes, Math.max(0, split)));
    byte[] line =
        (CHECKSUM + HexFormat.of().formatHex(sum) + "\n").getBytes(StandardCharsets.US_ASCII);
    boolean matches =
        split > 0 && MessageDigest.isEqual(line, Arrays.copyOfRange(bytes, split, bytes.length));
    if (!matches) {
      throw new CorruptException("key file damaged: checksum does not match; use another copy");
    }
    String text = utf8(bytes, split);
    if (!text.startsWith(FIRST + "\n")) {
      throw new CorruptException("key file is of a version that this program cannot read; update");
    }
    return text;
  }

  private static boolean startsWith(byte[] bytes, byte[] start) {
    return Arrays.equals(bytes, 0, start.length, start, 0, start.length);
  }

  private static String utf8(byte[] bytes, int length) throws CorruptException {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes, 0, length))
          .toString();
    } catch (CharacterCodingException e) {
      throw new CorruptException("key file is not UTF-8", e);
    }
  }

  private static KeyFileHeader header(List<String> lines) throws CorruptException {
    int at = 1;
    List<String> services = new ArrayList<>();
    while (at < lines.size() && lines.get(at).startsWith("service: ")) {
      services.add(value(lines, at++, "service"));
    }
    Optional<Bytes> serverKey = Optional.empty();
    if (at < lines.size() && lines.get(at).startsWith("server-key: ")) {
      serverKey = Optional.of(Bytes.wrap(unbase64(value(lines, at++, "server-key"))));
    }
    String machine = value(lines, at++, "machine");
    String id = value(lines, at++, "machine-id");
    if (!id.matches("[0-9a-f]{32}")) {
      throw new CorruptException("key file's machine-id has 32 hex digits");
    }
    MachineId machineId = new MachineId(Bytes.ofHex(id));
    String rights = value(lines, at++, "rights");
    if (at != lines.size() - 1) {
      throw new CorruptException("key file's header has a line too many");
    }
    try {
      KeyFileHeader header =
          new KeyFileHeader(services, serverKey, machine, machineId, Rights.parse(rights));
      header.check();
      return header;
    } catch (RefusedException e) {
      throw new CorruptException("key file's rights cannot be read: " + rights, e);
    }
  }

  private static String value(List<String> lines, int at, String name) throws CorruptException {
    String start = name + ": ";
    if (at >= lines.size() || !lines.get(at).startsWith(start)) {
      throw new CorruptException("key file lacks its line '" + name + ":'");
    }
    return lines.get(at).substring(start.length());
  }

  private static byte[] body(String text) throws CorruptException {
    byte[] body = unbase64(text.replace("\n", ""));
    String again = Base64.getMimeEncoder(BASE64_LINE, LINE_END).encodeToString(body) + "\n";
    if (!again.equals(text)) {
      throw new CorruptException("key file's body is not written as it must be");
    }
    return body;
  }

  private static KeyFileReading open(KeyFileHeader header, byte[] plain, boolean hasPassphrase)
      throws CorruptException {
    KeyMaterial material = KeyMaterial.decode(plain, header.rights());
    KeyFile file =
        new KeyFile(
            header.services(),
            header.serverKey(),
            header.machine(),
            header.machineId(),
            material.keys(),
            material.serviceSecrets());
    return new KeyFileReading.Open(file, hasPassphrase);
  }

  private static String base64(Bytes bytes) {
    return Base64.getEncoder().encodeToString(bytes.toArray());
  }

  private static byte[] unbase64(String text) throws CorruptException {
    try {
      return Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw new CorruptException("key file holds what is not base64", e);
    }
  }
}
