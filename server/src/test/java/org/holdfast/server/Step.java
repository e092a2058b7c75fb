package org.holdfast.server;

/// What a server asks of the bucket, from its start to its end: where a pause may meet it.
enum Step {
  FENCE_LIST,
  FENCE_HEADER,
  SEAL,
  SEAL_COMPARE,
  REPLAY_LIST,
  REPLAY_HEADER,
  FIRST_SEGMENT,
  SEGMENT,
  SEGMENT_COMPARE,
  BLOCKS
}
