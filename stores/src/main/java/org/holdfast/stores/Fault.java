package org.holdfast.stores;

/// What a [FaultProxy] does to a request. At most one befalls each.
public enum Fault {
  /// The client's connection is reset; the store hears nothing of the request.
  RESET(true),
  /// The store has answered, so that the request took effect; the client's connection is reset.
  LOST_ANSWER(true),
  /// The answer ends in the middle of its body, or in the middle of its head if it has no body.
  CUT(true),
  /// `500 InternalError`; the store hears nothing of the request.
  INTERNAL_ERROR(true),
  /// `503 SlowDown`; the store hears nothing of the request.
  SLOW_DOWN(true),
  /// The answer comes at some bytes a second.
  DRIP(true),
  /// `503 SlowDown`, as for all requests in a storm.
  STORM(false),
  /// `503 SlowDown`, because of too many requests for keys that begin alike.
  PREFIX_LIMIT(false);

  private final boolean drawn;

  Fault(boolean drawn) {
    this.drawn = drawn;
  }

  /// Whether chance decides, by the share that the weather gives it.
  boolean isDrawn() {
    return drawn;
  }

  /// Whether the request is answered with an error in the store's place.
  boolean isError() {
    return this == INTERNAL_ERROR || this == SLOW_DOWN || this == STORM || this == PREFIX_LIMIT;
  }
}
