package org.holdfast.bucket;

/// How a put ended. Either way an object is durable under the key.
public enum PutResult {
  /// The object is ours.
  CREATED,
  /// An object was there: another's, or our own from a put whose answer was lost.
  EXISTS
}
