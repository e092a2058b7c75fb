/// Archives, and what is in them, as streams for other programs.
///
/// - [ContentStream] bytes of chunks, holes and headers, one after the other
/// - [FileContent] one file's content
/// - [TarExport] an archive's entries as a tar stream
/// - [TarHeader] the blocks before an entry's content
@NullMarked
package org.holdfast.client.tar;

import org.jspecify.annotations.NullMarked;
