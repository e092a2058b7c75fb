/// The server: a shard of the log, its sessions, and how they start and end.
///
/// - [ConcurrencyWatch] takes over how many requests there may be at once, when that changes
/// - [Drill] makes the state anew to see that it can be made
/// - [EarlyRestores] a shard that reads an index which is being made
/// - [ImageMaker] makes images of the index, behind all that clients wait for
/// - [Meanwhile] what is done with a service while it starts
/// - [Overrides] checks that a rebuild goes on without
/// - [OwnerWatch] an owner's look at its partner
/// - [Partner] asks the other server whether it owns the log
/// - [PhaseNotes] when phases of these begin and end
/// - [Rebuild] makes the index anew from the bucket
/// - [Reception] answers from the start of a server to its end
/// - [RecoveryProgress] how far a start is
/// - [ScheduledDrill] drills inside a server, behind all other work
/// - [SecretsFile] where a service's secrets are kept
/// - [Server] a server process's parts, wired together
/// - [ServerConfig] what an operator decides
/// - [Service] a service's shard from its start to its end
/// - [ServiceSecrets] what a service cannot be brought back without
/// - [Standby] follows the log until it takes it over
/// - [StartNotes] what a start has done, in the timeline
@NullMarked
package org.holdfast.server;

import org.jspecify.annotations.NullMarked;
