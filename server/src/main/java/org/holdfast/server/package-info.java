/// The server: a shard of the log, its sessions, and how they start and end.
///
/// - [Overrides] checks that a rebuild goes on without
/// - [Rebuild] makes the index anew from the bucket
/// - [Server] a server process's parts, wired together
/// - [ServerConfig] what an operator decides
/// - [Service] a service's shard from its start to its end
/// - [ServiceSecrets] what a service cannot be brought back without
@NullMarked
package org.holdfast.server;

import org.jspecify.annotations.NullMarked;
