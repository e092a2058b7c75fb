package org.holdfast.seal;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import javax.crypto.SecretKey;
import org.holdfast.core.BlockClass;
import org.holdfast.core.Invariant;

/// The keys of one run and one kind, a different one for each class of block.
///
/// Immutable.
final class PartKeys {
  /// Length of a run's key in bytes.
  static final int RUN_KEY_LENGTH = 32;

  private static final byte[] INFO = "holdfast part 1".getBytes(StandardCharsets.US_ASCII);

  private final Map<BlockClass, SecretKey> keys = new EnumMap<>(BlockClass.class);

  PartKeys(RunId run, PartKind kind, byte[] runKey) {
    Invariant.check(runKey.length == RUN_KEY_LENGTH, "a run's key has 32 bytes");
    for (BlockClass each : BlockClass.values()) {
      if (holds(each, kind)) {
        keys.put(each, derive(run, each, kind, runKey));
      }
    }
  }

  SecretKey of(BlockClass blockClass) {
    SecretKey key = keys.get(blockClass);
    if (key == null) {
      throw new IllegalArgumentException("blocks of class " + blockClass + " lack such a part");
    }
    return key;
  }

  /// Whether blocks of the class have a part of the kind.
  static boolean holds(BlockClass blockClass, PartKind kind) {
    return switch (blockClass) {
      case CHUNK -> kind == PartKind.CONTENT;
      case PAGE, ROOT -> true;
      case RUN -> false;
    };
  }

  private static SecretKey derive(RunId run, BlockClass blockClass, PartKind kind, byte[] runKey) {
    byte[] info = Arrays.copyOf(INFO, INFO.length + 2);
    info[INFO.length] = (byte) blockClass.code();
    info[INFO.length + 1] = (byte) kind.code();
    return Gcm.key(Hkdf.derive(runKey, run.bytes().toArray(), info, 32));
  }
}
