package org.holdfast.seal;

/// An opened page or root.
///
/// @param references which blocks it needs
/// @param content everything else
@SuppressWarnings("ArrayRecordComponent") // handed over once, never compared
public record Pair(byte[] references, byte[] content) {}
