package org.holdfast.client.tar;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.archive.Entry;
import org.holdfast.client.archive.Extent;
import org.holdfast.client.archive.Metadata;
import org.holdfast.client.catalog.Archive;
import org.holdfast.client.catalog.BlockSource;
import org.holdfast.client.catalog.PageReader;
import org.holdfast.client.tree.PathText;
import org.holdfast.core.HoldfastException;
import org.jspecify.annotations.Nullable;

/// An archive's entries as a tar stream (POSIX.1-2001, pax), in the archive's order, with full
/// paths without their leading slash.
///
/// - Holes of a file are kept as GNU tar's format 1.0 has them; of a file of more than 16,384
///   extents they become zeros.
/// - Further names of a file are hard links, if the first one is in the stream too.
/// - Bytes that cannot be had are zeros, as the stream has said how many there are; they are told
///   of.
///
/// Used once.
public final class TarExport {
  /// GNU tar's blocking factor of 20.
  private static final int RECORD = 20 * TarHeader.BLOCK;

  private final BlockSource blocks;
  private final Archive archive;
  private final ArchivePath subtree;
  private final ContentStream stream;
  private final Consumer<String> losses;
  private long entries;

  private final List<PageReader.Lost> lost = new ArrayList<>();

  /// The file whose content was begun last, and how much of it is written.
  private @Nullable ArchivePath openPath;

  private long position;

  /// What the file that is being written lacks of its size, and then of its last block.
  private long open;

  private long padding;

  /// Writes to this stream.
  ///
  /// @param losses is told in a line of what cannot be read
  public TarExport(
      BlockSource blocks,
      Archive archive,
      ArchivePath subtree,
      OutputStream out,
      Consumer<String> losses) {
    this.blocks = blocks;
    this.archive = archive;
    this.subtree = subtree;
    this.stream = new ContentStream(blocks, out);
    this.losses = losses;
  }

  /// Writes all of it. Answers how many entries there were.
  public long write() throws HoldfastException, IOException {
    PageReader reader = PageReader.of(blocks, archive, subtree);
    for (PageReader.Step step = reader.next(); step != null; step = reader.next()) {
      switch (step) {
        case PageReader.Lost range -> {
          lost.add(range);
          losses.accept(
              "%d entries from /%s on cannot be read: %s"
                  .formatted(
                      range.entries(), PathText.print(range.from().toArray()), range.reason()));
        }
        case PageReader.Found(Entry entry) -> {
          if (subtree.contains(entry.path())) {
            write(entry);
          }
        }
      }
    }
    finishFile();
    stream.zeros(2 * TarHeader.BLOCK);
    stream.zeros((RECORD - stream.length() % RECORD) % RECORD);
    stream.flush();
    return entries;
  }

  private void write(Entry entry) throws HoldfastException, IOException {
    if (entry instanceof Entry.RegularFile part && part.offset() > 0) {
      laterPart(part);
      return;
    }
    finishFile();
    if (entry.path().isRoot()) {
      return;
    }
    entries++;
    Metadata metadata = entry.metadata();
    byte[] name = entry.path().toArray();
    byte[] none = TarHeader.noTarget();
    switch (entry) {
      case Entry.Folder _ -> header(folder(name), '5', metadata, none);
      case Entry.Symlink link -> header(name, '2', metadata, link.target().toArray());
      case Entry.Fifo _ -> header(name, '6', metadata, none);
      case Entry.Device device -> {
        boolean isBlock = device.kind() == Entry.DeviceKind.BLOCK;
        TarHeader header = new TarHeader(name, isBlock ? '4' : '3', metadata, none, 0);
        header.device(device.major(), device.minor());
        finish(header, metadata);
      }
      case Entry.RegularFile file -> file(file, name);
    }
  }

  private void file(Entry.RegularFile file, byte[] name) throws HoldfastException, IOException {
    var first =
        file.metadata()
            .firstName()
            .filter(subtree::contains)
            .filter(path -> lost.stream().noneMatch(each -> each.mayHold(path)));
    if (first.isPresent()) {
      header(name, '1', file.metadata(), first.get().toArray());
      return;
    }
    boolean hasHoles = file.extents().stream().anyMatch(Extent.Hole.class::isInstance);
    if (hasHoles && file.isWhole()) {
      sparse(file, name);
      return;
    }
    finish(
        new TarHeader(name, '0', file.metadata(), TarHeader.noTarget(), file.size()),
        file.metadata());
    openPath = file.path();
    position = 0;
    open = file.size();
    padding = pad(file.size());
    content(file);
  }

  /// The map of data stands before it, as decimal numbers in lines, in whole blocks.
  private void sparse(Entry.RegularFile file, byte[] name) throws HoldfastException, IOException {
    StringBuilder map = new StringBuilder();
    int count = 0;
    long data = 0;
    long at = 0;
    long start = -1;
    for (Extent each : file.extents()) {
      boolean isHole = each instanceof Extent.Hole;
      if (!isHole && start < 0) {
        start = at;
      }
      if (isHole && start >= 0) {
        map.append(start).append('\n').append(at - start).append('\n');
        count++;
        start = -1;
      }
      at += each.length();
      data += isHole ? 0 : each.length();
    }
    if (start >= 0) {
      map.append(start).append('\n').append(at - start).append('\n');
      count++;
    } else {
      // A hole at the end is shown by a piece of no bytes.
      map.append(at).append("\n0\n");
      count++;
    }
    byte[] text = (count + "\n" + map).getBytes(StandardCharsets.US_ASCII);
    byte[] padded = Arrays.copyOf(text, (int) (text.length + pad(text.length)));
    long size = padded.length + data;
    TarHeader header = new TarHeader(name, '0', file.metadata(), TarHeader.noTarget(), size);
    header.record("GNU.sparse.major", ascii("1"));
    header.record("GNU.sparse.minor", ascii("0"));
    header.record("GNU.sparse.name", name);
    header.record("GNU.sparse.realsize", ascii(Long.toString(file.size())));
    finish(header, file.metadata());
    stream.bytes(padded);
    Loss loss = new Loss(file.path());
    for (Extent each : file.extents()) {
      if (each instanceof Extent.Piece) {
        stream.extent(each, loss);
      }
    }
    stream.zeros(pad(size));
  }

  /// Where a part before it is lost, there are zeros; where that is the first one, nothing.
  private void laterPart(Entry.RegularFile part) throws HoldfastException, IOException {
    if (openPath == null || !part.path().equals(openPath)) {
      finishFile();
      return;
    }
    if (part.offset() < position || part.offset() - position > open) {
      return;
    }
    stream.zeros(part.offset() - position);
    open -= part.offset() - position;
    position = part.offset();
    content(part);
  }

  private void content(Entry.RegularFile part) throws HoldfastException, IOException {
    Loss loss = new Loss(part.path());
    for (Extent each : part.extents()) {
      if (each.length() <= open) {
        stream.extent(each, loss);
        open -= each.length();
        position += each.length();
      }
    }
    if (open == 0) {
      finishFile();
    }
  }

  /// Of a file whose later parts are lost, zeros.
  private void finishFile() throws HoldfastException, IOException {
    stream.zeros(open + padding);
    openPath = null;
    open = 0;
    padding = 0;
  }

  private void header(byte[] name, char type, Metadata metadata, byte[] target)
      throws HoldfastException, IOException {
    finish(new TarHeader(name, type, metadata, target, 0), metadata);
  }

  private void finish(TarHeader header, Metadata metadata) throws HoldfastException, IOException {
    metadata.attributes().list().forEach(each -> header.attribute(each.name(), each.value()));
    stream.bytes(header.encode());
  }

  private static byte[] folder(byte[] name) {
    byte[] folder = Arrays.copyOf(name, name.length + 1);
    folder[name.length] = '/';
    return folder;
  }

  private static long pad(long length) {
    return (TarHeader.BLOCK - length % TarHeader.BLOCK) % TarHeader.BLOCK;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /// Tells of a file once.
  private final class Loss implements Consumer<String> {
    private final ArchivePath path;
    private boolean isTold;

    Loss(ArchivePath path) {
      this.path = path;
    }

    @Override
    public void accept(String reason) {
      if (!isTold) {
        losses.accept(
            "/%s has zeros where it is lost: %s".formatted(PathText.print(path.toArray()), reason));
      }
      isTold = true;
    }
  }
}
