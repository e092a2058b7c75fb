/// What every command shares: the process it runs in, what it says, how it fails.
@NullMarked
package org.holdfast.cli.console;

import org.jspecify.annotations.NullMarked;
