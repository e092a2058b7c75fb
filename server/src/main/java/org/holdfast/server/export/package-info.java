/// What one machine's restore needs, as a log of its own in a folder (`docs/format.md`, "Exports").
///
/// - [ExportLog] writes the log
/// - [ExportProgress] how far an export is
/// - [ExportReport] what an export did
/// - [MachineExport] an export from its beginning to its end
@NullMarked
package org.holdfast.server.export;

import org.jspecify.annotations.NullMarked;
