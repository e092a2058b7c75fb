package org.holdfast.server.image;

/// How old an image is.
///
/// @param agoMillis since it was made
/// @param bytes of its files
/// @param lastRecord of the log that it knows
public record ImageAge(long agoMillis, long bytes, long lastRecord) {}
