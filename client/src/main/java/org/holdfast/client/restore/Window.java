package org.holdfast.client.restore;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.archive.Metadata;
import org.holdfast.core.BlockName;

/// A part of a restore that is planned as one: which chunks to ask for and where their pieces go,
/// and what is done once all files of this and of earlier windows are written.
///
/// It is full at some number of bytes, entries, pieces or files of several chunks. A full window
/// still takes what needs no further chunk, up to twice those numbers, so that small files that
/// share a chunk seldom fall into two windows and no chunk needs to be kept.
final class Window {
  private final Sizes sizes;
  private final Map<BlockName, List<Target>> targets = new LinkedHashMap<>();
  private final List<RestoredFile> ready = new ArrayList<>();
  private final List<Link> links = new ArrayList<>();
  private final List<FullFolder> folders = new ArrayList<>();
  private final Workers.Group jobs = new Workers.Group();
  private long bytes;
  private int entries;
  private int pieces;
  private int spread;

  Window(Sizes sizes) {
    this.sizes = sizes;
  }

  /// Whether a piece of that chunk belongs in the next window.
  boolean isFullFor(BlockName chunk) {
    return isFull(2) || (isFull(1) && !targets.containsKey(chunk));
  }

  /// Whether an entry without content belongs in the next window.
  boolean isFull() {
    return isFull(2);
  }

  private boolean isFull(int times) {
    return bytes / times >= sizes.bytes
        || entries / times >= sizes.entries
        || pieces / times >= sizes.pieces
        || spread / times >= sizes.spread;
  }

  void addEntry() {
    entries++;
  }

  /// `goesOn` tells that the file has a piece of another chunk before this one.
  void addPiece(BlockName chunk, Target target, boolean goesOn) {
    targets.computeIfAbsent(chunk, _ -> new ArrayList<>(1)).add(target);
    target.file.expectPiece();
    bytes += target.length;
    pieces++;
    spread += goesOn ? 1 : 0;
  }

  /// A file that waits for no piece.
  void addReady(RestoredFile file) {
    ready.add(file);
  }

  void addLink(Link link) {
    links.add(link);
  }

  void addFolder(FullFolder folder) {
    folders.add(folder);
  }

  Map<BlockName, List<Target>> targets() {
    return targets;
  }

  List<RestoredFile> ready() {
    return ready;
  }

  List<Link> links() {
    return links;
  }

  List<FullFolder> folders() {
    return folders;
  }

  Workers.Group jobs() {
    return jobs;
  }

  /// When a window is full.
  record Sizes(long bytes, int entries, int pieces, int spread) {
    /// Large enough that the server finds many of the blocks beside each other; memory does not
    /// depend on `bytes`, as a chunk is written as soon as it comes.
    static final Sizes DEFAULT = new Sizes(64L << 20, 4_096, 65_536, 128);
  }

  /// Where a piece of a chunk goes.
  record Target(RestoredFile file, long position, long offset, long length) {}

  /// A second name for an entry that is restored before it.
  @SuppressWarnings("ArrayRecordComponent") // used once, never compared
  record Link(ArchivePath path, byte[] target, byte[] existing, long size, boolean isFile) {}

  /// A folder that nothing more goes into.
  @SuppressWarnings("ArrayRecordComponent") // used once, never compared
  record FullFolder(ArchivePath path, byte[] target, Metadata metadata) {}
}
