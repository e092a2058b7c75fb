package org.holdfast.seal;

/// What the read right holds.
///
/// @param content opens content
/// @param reference opens references
public record ReadKeys(
    HybridPrivateKey content, HybridPrivateKey reference, Credential credential) {
  @Override
  public String toString() {
    return "ReadKeys";
  }
}
