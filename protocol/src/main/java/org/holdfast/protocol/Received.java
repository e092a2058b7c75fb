package org.holdfast.protocol;

/// A message and the stream that it came on.
public record Received(int stream, Message message) {}
