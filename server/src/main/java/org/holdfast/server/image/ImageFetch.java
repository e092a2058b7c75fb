package org.holdfast.server.image;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.core.Bytes;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Spawner;
import org.holdfast.log.ReadAhead;

/// Brings an image's files from the bucket into a folder, pieces many at a time, each of which is
/// checked as it comes.
public final class ImageFetch {
  /// Pieces on their way or waiting for their turn: 64 MiB.
  private static final int PIECES = 8;

  private final ImageStore store;
  private final Spawner spawner;
  private final Listener listener;

  public ImageFetch(ImageStore store, Spawner spawner, Listener listener) {
    this.store = store;
    this.spawner = spawner;
    this.listener = listener;
  }

  /// Into a folder that is not there. What a power cut takes of it is missing from an index that
  /// has no clean mark yet.
  public void run(ImageList image, Path folder) throws HoldfastException {
    List<Piece> pieces = new ArrayList<>();
    for (ImageFile file : image.files()) {
      for (int i = 0; i < file.pieces().size(); i++) {
        pieces.add(new Piece(file.pieces().get(i), file.pieceLength(i)));
      }
    }
    ReadAhead<Piece, byte[]> ahead =
        new ReadAhead<>(
            pieces,
            ReadAhead.Bounds.of(PIECES),
            spawner,
            piece -> store.piece(piece.name, piece.length));
    ImageFolder into = new ImageFolder(folder);
    into.make();
    long done = 0;
    for (ImageFile file : image.files()) {
      try (ImageFolder.Growing growing = into.create(file.name())) {
        for (int i = 0; i < file.pieces().size(); i++) {
          growing.append(ahead.next());
          done += file.pieceLength(i);
          listener.fetched(done, image.bytes());
        }
      }
    }
  }

  /// Hears how far it is.
  public interface Listener {
    void fetched(long bytesDone, long bytesAll);
  }

  private record Piece(Bytes name, int length) {
    /// Names the thread that reads it.
    @Override
    public String toString() {
      return "piece " + name;
    }
  }
}
