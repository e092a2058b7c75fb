package org.holdfast.client.catalog;

import java.util.List;
import org.holdfast.client.archive.Root;
import org.holdfast.core.CorruptException;
import org.holdfast.core.MachineId;
import org.holdfast.protocol.Message;
import org.holdfast.seal.KeyFile;
import org.holdfast.seal.VerifyingKey;

/// Whether a root is what the server says of it, and signed by its machine.
public final class RootCheck {
  private final MachineId machine;
  private final List<VerifyingKey> verifying;

  public RootCheck(KeyFile keyFile) {
    this.machine = keyFile.machineId();
    this.verifying = keyFile.keys().verifying();
  }

  /// Reads the references of the root that was shown. Throws [CorruptException] if it is another.
  public Root decode(Message.Archive shown, byte[] references) throws CorruptException {
    Root root = Root.decode(references, this::isSigned);
    if (!root.machine().equals(machine)) {
      throw new CorruptException("it belongs to another machine; do not trust this archive");
    }
    if (root.sequence() != shown.sequence() || root.partial() != shown.partial()) {
      throw new CorruptException(
          "it is signed as number %d%s; do not trust this archive"
              .formatted(root.sequence(), root.partial() ? ", partial" : ""));
    }
    return root;
  }

  private boolean isSigned(byte[] message, byte[] signature) {
    for (VerifyingKey key : verifying) {
      if (key.verifies(message, signature)) {
        return true;
      }
    }
    return false;
  }
}
