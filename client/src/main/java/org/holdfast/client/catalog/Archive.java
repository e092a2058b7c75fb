package org.holdfast.client.catalog;

import org.holdfast.client.archive.Root;
import org.holdfast.client.archive.RootContent;

/// An archive with its list of pages, its signature checked.
public record Archive(ArchiveInfo info, Root root, RootContent content) {}
