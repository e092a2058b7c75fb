/// The way to a service: a server elsewhere, or one inside this process.
///
/// - `InsideService`: the server inside the client
/// - `Link`: an open session
/// - `Links`: opens sessions with what a key file names
/// - `ServiceAddress`: how a person names a service
@NullMarked
package org.holdfast.cli.link;

import org.jspecify.annotations.NullMarked;
