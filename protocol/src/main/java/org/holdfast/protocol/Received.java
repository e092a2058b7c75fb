package org.holdfast.protocol;

/// A message and the stream that it came on. `leasedBytes` were taken for it from the budget of
/// [Connection#meterStores], and are the receiver's to [Connection#giveBack]; 0 if there is none.
public record Received(int stream, Message message, int leasedBytes) {
  public Received(int stream, Message message) {
    this(stream, message, 0);
  }
}
