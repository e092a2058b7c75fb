package org.holdfast.seal;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.holdfast.core.Bytes;
import org.holdfast.core.MachineId;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Right;

/// A machine's keys, and where they are good for something. [KeyFileFormat] makes bytes of it.
///
/// @param services addresses, in the order in which to try them
/// @param serverKey the server's Ed25519 public key, 32 bytes; none for a service inside the client
/// @param machine the machine's name
/// @param serviceSecrets what a service inside the client needs to know; opaque here
public record KeyFile(
    List<String> services,
    Optional<Bytes> serverKey,
    String machine,
    MachineId machineId,
    MachineKeys keys,
    Optional<Bytes> serviceSecrets) {
  public KeyFile {
    services = List.copyOf(services);
  }

  public KeyFileHeader header() {
    return new KeyFileHeader(services, serverKey, machine, machineId, keys.rights());
  }

  /// The same with fewer rights. Throws [RefusedException] for a right that this one lacks.
  public KeyFile derive(Set<Right> wanted) throws RefusedException {
    return new KeyFile(
        services, serverKey, machine, machineId, keys.derive(wanted), serviceSecrets);
  }

  /// The same, of a service that is to be found elsewhere.
  public KeyFile at(List<String> addresses) {
    return new KeyFile(addresses, serverKey, machine, machineId, keys, serviceSecrets);
  }

  /// The header alone: the rest is secret.
  @Override
  public String toString() {
    return "KeyFile[" + header() + "]";
  }
}
