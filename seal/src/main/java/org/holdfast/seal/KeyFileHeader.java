package org.holdfast.seal;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.MachineId;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Right;

/// What a key file says to everybody who can read it.
///
/// @param services addresses, in the order in which to try them
/// @param serverKey the server's Ed25519 public key, 32 bytes; none for a service inside the client
/// @param machine the machine's name
public record KeyFileHeader(
    List<String> services,
    Optional<Bytes> serverKey,
    String machine,
    MachineId machineId,
    Set<Right> rights) {
  static final int SERVICES_MAX = 16;
  private static final int ADDRESS_BYTES_MAX = 1024;
  private static final int NAME_BYTES_MAX = 255;

  public KeyFileHeader {
    services = List.copyOf(services);
    rights = Set.copyOf(rights);
  }

  /// Throws [RefusedException] for values that a key file cannot hold.
  void checkWritable() throws RefusedException {
    try {
      check();
    } catch (CorruptException e) {
      throw new RefusedException(String.valueOf(e.getMessage()), e);
    }
  }

  void check() throws CorruptException {
    if (services.isEmpty() || services.size() > SERVICES_MAX) {
      throw new CorruptException("a key file names 1 to " + SERVICES_MAX + " services");
    }
    for (String service : services) {
      checkText("service address", service, ADDRESS_BYTES_MAX);
    }
    checkText("machine name", machine, NAME_BYTES_MAX);
    if (serverKey.isPresent() && serverKey.get().length() != Credential.LENGTH) {
      throw new CorruptException("a server's key has 32 bytes");
    }
    if (rights.isEmpty()) {
      throw new CorruptException("a key file gives some right");
    }
  }

  private static void checkText(String what, String text, int bytesMax) throws CorruptException {
    int bytes = text.getBytes(StandardCharsets.UTF_8).length;
    if (bytes == 0 || bytes > bytesMax) {
      throw new CorruptException(what + " has 1 to " + bytesMax + " bytes in UTF-8");
    }
    if (!text.strip().equals(text) || text.codePoints().anyMatch(Character::isISOControl)) {
      throw new CorruptException(
          what + " has no control characters, and no space at either end: '" + printable(text));
    }
  }

  private static String printable(String text) {
    return text.codePoints()
            .map(c -> Character.isISOControl(c) ? '?' : c)
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        + "'";
  }
}
