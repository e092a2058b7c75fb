package org.holdfast.client.restore;

import org.holdfast.client.archive.ArchivePath;

/// An entry that was not restored, or where entries that could not be read begin, and why.
public record FailedEntry(ArchivePath path, String reason) {}
