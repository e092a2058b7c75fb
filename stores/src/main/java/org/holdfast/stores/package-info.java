/// Real S3 servers that tests start, and bad weather between us and them.
///
/// Servers:
///
/// - [S3Access] where a store is, and who may use it
/// - [S3ProxyServer] s3proxy over a folder: keeps its promises
/// - [S3MockServer] S3Mock over a folder: breaks one
/// - [CephGateways] those that `scripts/ceph` has started
/// - [CephDaemons] its daemons, to be killed and started again
/// - [StoreProcess] a store's process, its port and its class path
/// - [Leash] ends a store's process with the tests'
/// - [PlainS3] signed requests, each sent once
/// - [SigV4] the signatures
///
/// Weather:
///
/// - [FaultProxy] the proxy: connections, threads, what is over them all
/// - [Weather] what it does to requests, and how often
/// - [Fault] what can befall a request
/// - [Request] a request that it has seen
/// - [Hold] requests or answers that a test keeps back
/// - [Counts] what it has seen and done
/// - [Tally] counts as they grow
/// - [Exchange] one request and its answer
/// - [Upload] a request's body on its way
/// - [ErrorAnswer] errors as S3 answers them
/// - [StoreLink] a client's connection to the store
/// - [Link] a connection
/// - [HttpHead] first line and headers
/// - [BodyLength] how the end of a body is known
/// - [RawBody] a body in pieces
/// - [Lane] one way of all connections
/// - [Pacer] keeps a flow at a rate
/// - [PrefixMeter] requests by prefix against a rate
@NullMarked
package org.holdfast.stores;

import org.jspecify.annotations.NullMarked;
