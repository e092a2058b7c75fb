package org.holdfast.server.index;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.holdfast.core.Folders;
import org.holdfast.core.UnavailableException;
import org.rocksdb.NativeLibraryLoader;
import org.rocksdb.RocksDB;

/// Loads RocksDB's native part, which its jar holds packed. An I/O edge.
///
/// RocksDB by itself unpacks 17 MB into the temporary folder and has Java delete them at an orderly
/// end, to which a process that is killed, or that halts, does not come. Here the file is gone as
/// soon as it is loaded: the system keeps what a process has mapped.
///
/// For any thread.
final class RocksLibrary {
  private static boolean isLoaded;

  private RocksLibrary() {}

  /// Returns when RocksDB can be used. Does nothing from the second time on.
  static synchronized void load() throws UnavailableException {
    if (isLoaded) {
      return;
    }
    try {
      Path folder = Files.createTempDirectory("holdfast");
      try {
        NativeLibraryLoader.getInstance().loadLibrary(folder.toString());
        RocksDB.loadLibrary();
      } finally {
        Folders.delete(folder);
      }
    } catch (IOException e) {
      throw new UnavailableException(
          "the index's library cannot be unpacked into the temporary folder ("
              + e
              + "): make room there, or choose another with -Djava.io.tmpdir=DIR",
          e);
    }
    isLoaded = true;
  }
}
