/// Everything that passes between client and server: messages, the connections that carry them, and
/// the client's end of a session. The bytes are written down in `docs/protocol.md`.
///
/// - `BlockBytes`: a sealed block's bytes, in one piece or several.
/// - `BlockRef`: a block's class and name.
/// - `Connection`, `Received`: two ends that exchange messages; one message with its stream.
/// - `ConnectionHandler`: what a listener does with a connection.
/// - `Credit`: bytes that may still be sent; callers wait their turn for it.
/// - `Deadline`: an action that runs unless it is called off in time.
/// - `DeleteCodec`: the payloads of the messages that delete.
/// - `Der`: the few shapes of DER that a self-signed certificate needs.
/// - `ErrorCode`: what kind of failure an ERROR reports, and the exception it becomes.
/// - `FetchSink`: takes in fetched blocks.
/// - `Fetching`: one FETCH under way.
/// - `Fields`: fields that several messages have.
/// - `Frame`, `FrameHeader`: an encoded message; the 12 bytes before each payload.
/// - `InviteToken`: what an operator hands out, as text.
/// - `KeptAlive`: a connection that sends PING when idle and ends when a send is stuck.
/// - `Message`: every message, one record each.
/// - `MessageCodec`: messages to frames and back, strictly.
/// - `MessageType`: the type byte of each message and how long its payload may be.
/// - `OneLine`: what makes a text safe to show to a person.
/// - `Parting`: says the last message of a session so that it arrives.
/// - `PayloadReader`, `PayloadWriter`: the values inside a payload.
/// - `Pending`: a reply that has yet to come.
/// - `PinnedKey`: trusts one public key.
/// - `Pipe`: a connection inside one process.
/// - `Proof`: what is signed to prove a right or to register, and the check of it.
/// - `RawKeys`: Ed25519 public keys as their 32 bytes.
/// - `ReplyWaiting`: a stream that waits for one reply.
/// - `RightKey`: a right and its key pair.
/// - `ServerIdentity`: the server's key pair and its certificate.
/// - `ServerMode`: whether a server takes backups.
/// - `Session`: the client's end.
/// - `Share`: memory that many take from, each a part at most.
/// - `StoreLane`: the stream that carries a transaction's blocks.
/// - `StoreMeter`: memory for incoming blocks, from a budget that connections share.
/// - `StreamConnection`: a connection over a socket's two byte streams.
/// - `Streams`: a session's open streams, and what its reader does with each message.
/// - `TlsConnector`, `TlsListener`: TLS 1.3 with a pinned key, both ends.
/// - `TlsTerms`: what both ends of a TLS connection agree on.
/// - `TransactionKind`: whether a transaction writes or deletes.
/// - `UnixConnector`, `UnixListener`: the operator's socket, both ends.
/// - `Waiting`: somebody who waits on a stream.
@NullMarked
package org.holdfast.protocol;

import org.jspecify.annotations.NullMarked;
