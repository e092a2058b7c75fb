package org.holdfast.client.restore;

import java.util.EnumSet;
import java.util.Set;
import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.archive.Entry;
import org.holdfast.client.archive.Entry.DeviceKind;
import org.holdfast.client.archive.Entry.RegularFile;
import org.holdfast.client.archive.Extent;
import org.holdfast.client.archive.Extent.Hole;
import org.holdfast.client.archive.Extent.Piece;
import org.holdfast.client.catalog.PageReader;
import org.holdfast.client.restore.Window.Link;
import org.holdfast.client.restore.Window.Target;
import org.holdfast.client.tree.FileAccessException;
import org.holdfast.client.tree.FileType;
import org.holdfast.client.tree.Metadata;
import org.holdfast.client.tree.Shortfall;
import org.holdfast.core.BlockName;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.jspecify.annotations.Nullable;

/// Goes through the entries of an archive in order, creates what has no content, and gathers the
/// pieces of files in windows.
///
/// A file may go on over any number of windows, and over several entries if it is a long one. One
/// thread.
final class Planner {
  private final Selection selection;
  private final Destination destination;
  private final WindowWriter writer;
  private final Window.Sizes sizes;
  private final LinkNames names;
  private final OpenFolders folders;

  private Window window;

  /// The long file that further parts are to come of.
  private @Nullable RestoredFile longFile;

  /// Where in the long file its next part begins.
  private long longFileEnd;

  /// A long file of which no further part is wanted.
  private @Nullable ArchivePath passedOver;

  Planner(Selection selection, Destination destination, WindowWriter writer, Window.Sizes sizes) {
    this.selection = selection;
    this.destination = destination;
    this.writer = writer;
    this.sizes = sizes;
    this.names = new LinkNames(selection);
    this.window = new Window(sizes);
    this.folders = new OpenFolders(destination, folder -> window.addFolder(folder));
  }

  void run(PageReader reader) throws HoldfastException, FileAccessException, RestoreStopped {
    for (PageReader.Step step = reader.next(); step != null; step = reader.next()) {
      switch (step) {
        case PageReader.Lost lost -> {
          names.addLost(lost);
          destination
              .tally()
              .fail(
                  lost.from(),
                  "%d entries from here on cannot be read, as their page is lost: %s"
                      .formatted(lost.entries(), lost.reason()),
                  lost.entries());
        }
        case PageReader.Found found -> plan(found.entry());
      }
    }
    endLongFile();
    folders.leaveAll();
    begin();
    writer.end();
  }

  private void plan(Entry entry) throws HoldfastException, FileAccessException, RestoreStopped {
    ArchivePath path = entry.path();
    if (!selection.takes(path, entry instanceof Entry.Folder)) {
      if (entry instanceof Entry.Folder folder && selection.mayLeadTo(path)) {
        folders.expect(path, selection.target(path), folder.metadata());
      }
      destination.tally().addOutside(entry);
      return;
    }
    if (selection.isTarget(path)) {
      destination.tally().addPassed();
      return;
    }
    selection.checkStripped(path);
    if (entry instanceof RegularFile part && part.offset() > 0) {
      laterPart(part);
      return;
    }
    endLongFile();
    if (window.isFull()) {
      begin();
    }
    window.addEntry();
    byte[] target = selection.target(path);
    folders.goTo(path, target);
    ArchivePath existing = names.existing(entry);
    if (existing != null) {
      link(entry, existing, target);
      return;
    }
    switch (entry) {
      case RegularFile file -> file(file, target);
      case Entry.Folder folder -> folders.enter(path, target, folder.metadata());
      case Entry.Symlink link -> symlink(link, target);
      case Entry.Fifo _ -> special(entry, target, FileType.FIFO, 0, 0);
      case Entry.Device device -> {
        boolean block = device.kind() == DeviceKind.BLOCK;
        FileType type = block ? FileType.BLOCK_DEVICE : FileType.CHAR_DEVICE;
        special(entry, target, type, device.major(), device.minor());
      }
    }
  }

  private void file(RegularFile file, byte[] target)
      throws HoldfastException, FileAccessException, RestoreStopped {
    RestoredFile restored = new RestoredFile(destination, file, target);
    if (destination.overwrite() == Overwrite.CHANGED && restored.isSettled()) {
      passedOver = file.path();
      return;
    }
    pieces(restored, file);
  }

  private void laterPart(RegularFile part)
      throws HoldfastException, FileAccessException, RestoreStopped {
    destination.tally().addPassed();
    ArchivePath path = part.path();
    if (passedOver != null && path.equals(passedOver)) {
      return;
    }
    RestoredFile file = longFile;
    boolean isOfFile = file != null && file.entry().path().equals(path);
    if (file != null
        && isOfFile
        && part.offset() == longFileEnd
        && part.size() == file.entry().size()) {
      longFile = null;
      pieces(file, part);
      return;
    }
    endLongFile();
    passedOver = path;
    if (!isOfFile) {
      destination.tally().fail(path, "the beginning of its list of chunks is lost", 0);
    }
  }

  /// Gives up a long file of which a part is missing.
  private void endLongFile() throws FileAccessException {
    RestoredFile file = longFile;
    longFile = null;
    if (file != null) {
      file.lose("a part of its list of chunks is lost");
    }
  }

  private void pieces(RestoredFile file, RegularFile part)
      throws HoldfastException, FileAccessException, RestoreStopped {
    long position = part.offset();
    BlockName first = null;
    boolean isSpread = false;
    for (Extent each : part.extents()) {
      switch (each) {
        case Hole hole -> file.expectHole(hole.length());
        case Piece piece -> {
          if (window.isFullFor(piece.chunk())) {
            begin();
          }
          boolean spreads = !isSpread && first != null && !piece.chunk().equals(first);
          isSpread |= spreads;
          first = first == null ? piece.chunk() : first;
          Target to = new Target(file, position, piece.offset(), piece.length());
          window.addPiece(piece.chunk(), to, spreads);
        }
      }
      position += each.length();
    }
    if (position < part.size()) {
      longFile = file;
      longFileEnd = position;
    } else if (file.releaseAhead()) {
      window.addReady(file);
    }
  }

  private void link(Entry entry, ArchivePath existing, byte[] target) {
    passedOver = entry.path();
    if (names.isOmitted(existing)) {
      destination.tally().addShortfalls(Set.of(Shortfall.SPECIAL));
      destination.tally().addPassed();
      return;
    }
    boolean isFile = entry instanceof RegularFile;
    long size = entry instanceof RegularFile file ? file.size() : 0;
    window.addLink(new Link(entry.path(), target, selection.target(existing), size, isFile));
  }

  private void symlink(Entry.Symlink link, byte[] target) throws FileAccessException {
    byte[] to = link.target().toArray();
    destination.attempt(
        link.path(),
        target,
        () -> {
          destination.create(target, () -> destination.tree().createSymlink(target, to));
          finish(link, target, FileType.SYMLINK);
        });
  }

  private void special(Entry entry, byte[] target, FileType type, int major, int minor)
      throws FileAccessException {
    Set<Shortfall> missing = EnumSet.noneOf(Shortfall.class);
    destination.attempt(
        entry.path(),
        target,
        () -> {
          destination.create(
              target,
              () -> missing.addAll(destination.tree().createSpecial(target, type, major, minor)));
          if (missing.isEmpty()) {
            finish(entry, target, type);
            return;
          }
          destination.tally().addShortfalls(missing);
          destination.tally().addPassed();
          names.omit(entry.path());
        });
  }

  private void finish(Entry entry, byte[] target, FileType type)
      throws FileAccessException, CorruptException {
    Metadata metadata = destination.metadata(entry.metadata());
    destination.tally().addShortfalls(destination.tree().finish(target, type, metadata));
    destination.tally().addOther();
  }

  private void begin() throws HoldfastException, FileAccessException, RestoreStopped {
    Window full = window;
    window = new Window(sizes);
    writer.begin(full);
  }
}
