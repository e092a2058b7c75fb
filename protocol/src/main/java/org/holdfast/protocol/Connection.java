package org.holdfast.protocol;

import java.util.Optional;
import org.holdfast.core.Bytes;
import org.holdfast.core.Clock;
import org.holdfast.core.CorruptException;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;

/// One of two ends that exchange messages in order.
///
/// - Many threads may send; one thread at a time may receive.
/// - A message sent is on its way when [#send] returns; the sender does not change its bytes
///   afterwards where [#keepsBytes].
/// - [#close] wakes every thread that is inside a call, at this end and, as soon as the carrier
///   allows, at the other.
///
/// The end of the carrier alone does not show that the other end meant it: TLS as the JDK has it
/// reports a cut connection as an end. Only [Message.Goodbye] does.
public interface Connection extends AutoCloseable {
  /// Sends a message; waits while the carrier is full.
  void send(int stream, Message message) throws UnavailableException;

  /// Whether a message's bytes are used after [#send] has returned. If not, they may change then.
  boolean keepsBytes();

  /// The next message; empty after the last one if the other end has closed between two messages.
  ///
  /// Throws [CorruptException] for bytes that are no message: the session is over then. Throws
  /// [UnavailableException] if the connection broke, is closed at this end, or stayed silent for
  /// too long.
  Optional<Received> receive() throws CorruptException, UnavailableException;

  /// How much has gone out so far, also of a message that is still being sent.
  long sentBytes();

  /// Refuses longer payloads from now on, before any memory is taken for them.
  void limitPayload(int bytes);

  /// From now on takes memory for each STORE from this share before the block is read, and waits
  /// until there is some; whoever receives the message gives it back with [#giveBack].
  ///
  /// A block that comes too slowly for the memory that it holds ends the connection, with an ERROR
  /// that says so.
  void meterStores(Share share, Clock clock, Spawner spawner);

  /// The memory of a STORE that was received is not needed any more. Any thread, also after
  /// [#close]; once for each STORE.
  void giveBack(int leasedBytes);

  /// 32 bytes that are the same at both ends and differ from session to session.
  Bytes binding();

  /// The server's raw Ed25519 public key, 32 bytes; zeros where the carrier has none.
  Bytes serverKey();

  /// The other end's name for messages.
  String peer();

  /// Ends the connection. Does nothing the second time.
  @Override
  void close();
}
