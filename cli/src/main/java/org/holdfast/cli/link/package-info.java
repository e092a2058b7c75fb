/// The way to a service: a server elsewhere, or one inside this process.
@NullMarked
package org.holdfast.cli.link;

import org.jspecify.annotations.NullMarked;
