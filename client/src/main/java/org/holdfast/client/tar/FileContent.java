package org.holdfast.client.tar;

import java.io.IOException;
import java.io.OutputStream;
import java.util.function.Consumer;
import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.archive.Entry;
import org.holdfast.client.archive.Extent;
import org.holdfast.client.catalog.Archive;
import org.holdfast.client.catalog.BlockSource;
import org.holdfast.client.catalog.PageReader;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;

/// The content of one regular file of an archive.
public final class FileContent {
  private FileContent() {}

  /// Writes it. Throws [RefusedException], before anything is written, for what is no file.
  ///
  /// @param losses is told in a line of what cannot be had: zeros are written in its place
  /// @return its length in bytes
  public static long write(
      BlockSource blocks,
      Archive archive,
      ArchivePath path,
      OutputStream out,
      Consumer<String> losses)
      throws HoldfastException, IOException {
    ContentStream content = new ContentStream(blocks, out);
    PageReader reader = PageReader.of(blocks, archive, path);
    long size = -1;
    for (PageReader.Step step = reader.next(); step != null; step = reader.next()) {
      switch (step) {
        case PageReader.Lost lost -> losses.accept("a part of it cannot be read: " + lost.reason());
        case PageReader.Found(Entry entry) -> {
          if (!entry.path().equals(path)) {
            continue;
          }
          if (!(entry instanceof Entry.RegularFile file)) {
            throw new RefusedException(
                "only a file goes to standard output: `holdfast export` writes a folder as tar");
          }
          content.zeros(file.offset() - content.length());
          for (Extent each : file.extents()) {
            content.extent(each, losses);
          }
          size = file.size();
        }
      }
    }
    if (size < 0) {
      throw new RefusedException(
          "there is no such file in archive %s: `holdfast ls %s` lists what is there"
              .formatted(archive.info().name(), archive.info().id()));
    }
    content.zeros(size - content.length());
    content.flush();
    return size;
  }
}
