package org.holdfast.client.catalog;

import org.holdfast.core.BlockName;

/// An archive that the server lists but whose root is lost, damaged or not to be trusted.
///
/// @param sequence as the server says, like `partial`
/// @param reason one line that follows a colon
public record UnreadableArchive(BlockName root, long sequence, boolean partial, String reason) {}
