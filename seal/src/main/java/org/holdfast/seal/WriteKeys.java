package org.holdfast.seal;

import java.util.List;
import org.holdfast.core.Bytes;

/// What the write right holds: enough to seal, name, cut and sign, nothing to open with.
///
/// @param nameKey names blocks, see [BlockNamer]
/// @param chunkingKey cuts file content into chunks
/// @param pageCutKey cuts lists of entries into pages
/// @param signing oldest first, never empty; the last one signs
public record WriteKeys(
    HybridPublicKey content,
    HybridPublicKey reference,
    Bytes nameKey,
    Bytes chunkingKey,
    Bytes pageCutKey,
    List<SigningKey> signing,
    Credential credential) {
  public WriteKeys {
    signing = List.copyOf(signing);
  }

  /// The key that signs.
  public SigningKey signer() {
    return signing.getLast();
  }

  /// Says nothing: most of this is secret.
  @Override
  public String toString() {
    return "WriteKeys";
  }
}
