package org.holdfast.server.drill;

import java.util.OptionalLong;

/// How large a log is.
///
/// @param segments that are listed
/// @param bytes of these
/// @param headerBytes of these, if somebody knows
/// @param records the number of the last one, if somebody knows
public record LogSize(long segments, long bytes, OptionalLong headerBytes, OptionalLong records) {}
