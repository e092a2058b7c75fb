/// What clients and operators may ask of a server.
///
/// - [Answers] what the server knows, in the protocol's words
/// - [Budgets] the memory that sessions share
/// - [BlockSender] sends the blocks of one FETCH
/// - [DamageReport] tells of damaged objects, once each
/// - [DeleteAnswers] answers the messages that delete
/// - [Greeting] how a session begins
/// - [HeapNeed] what a heap must have room for
/// - [Limits] how much sessions may hold
/// - [OpenSession] a session, as all of them are kept
/// - [Operator] the operator's commands
/// - [OperatorSocket] takes them from the socket
/// - [Outbox] replies on their way
/// - [RecoveringOperator] the operator's commands while a server recovers
/// - [Registration] lets a machine in
/// - [RequestCost] what a request holds in memory
/// - [Rights] what a session has proven, and what requests need
/// - [Served] what a session is given that begins now
/// - [ServerSession] one client's session
/// - [StatusReport] how the server is, in lines
/// - [StoreLane] the blocks of one transaction in one session
/// - [Sessions] all of them
/// - [WaitingSession] one with a server that has nothing to serve yet
@NullMarked
package org.holdfast.server.session;

import org.jspecify.annotations.NullMarked;
