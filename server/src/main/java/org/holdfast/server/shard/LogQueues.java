package org.holdfast.server.shard;

/// Who waits for the log at the moment, and what it holds in memory until that is durable.
///
/// @param forRoom clients' requests that wait for room
/// @param background pieces of background work that wait for room, behind clients
/// @param forDurable callers that wait until what they wrote is durable
/// @param segments segments on their way to the bucket
/// @param bytes of these segments, and of the open one
public record LogQueues(int forRoom, int background, int forDurable, int segments, long bytes) {}
