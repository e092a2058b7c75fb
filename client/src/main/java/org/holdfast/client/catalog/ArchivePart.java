package org.holdfast.client.catalog;

import org.holdfast.client.archive.ArchivePath;

/// What `ARCHIVE:PATH` stands for; the path is the root for a whole archive.
public record ArchivePart(ArchiveInfo archive, ArchivePath path) {}
