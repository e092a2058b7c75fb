/// `try`: the whole story on this machine, with real processes.
@NullMarked
package org.holdfast.cli.story;

import org.jspecify.annotations.NullMarked;
