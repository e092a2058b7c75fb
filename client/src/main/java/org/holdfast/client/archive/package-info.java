/// What an archive is, to the byte: entries, pages, roots, and the client's list of them.
@NullMarked
package org.holdfast.client.archive;

import org.jspecify.annotations.NullMarked;
