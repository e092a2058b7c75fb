package org.holdfast.seal;

/// What the tidy right holds: it can see which blocks an archive needs, but no name and no content.
///
/// @param reference opens references
public record TidyKeys(HybridPrivateKey reference, Credential credential) {
  @Override
  public String toString() {
    return "TidyKeys";
  }
}
