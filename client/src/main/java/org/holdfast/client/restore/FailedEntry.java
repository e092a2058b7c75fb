package org.holdfast.client.restore;

import org.holdfast.client.archive.ArchivePath;

/// An entry that was not restored, or where entries that could not be read begin, and why.
///
/// @param entries how many entries it stands for: those that its reason speaks of
public record FailedEntry(ArchivePath path, String reason, long entries) {}
