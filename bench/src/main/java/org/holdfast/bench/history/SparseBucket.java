package org.holdfast.bench.history;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.ListedObject;
import org.holdfast.bucket.Listing;
import org.holdfast.bucket.PutResult;
import org.holdfast.bucket.Range;
import org.holdfast.core.CorruptException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;

/// A bucket in a folder, as its one writer sees it, who puts segments of zeros.
///
/// - Of a body the first buffer is written, a segment's header; then the file is made as long as
///   the body. It takes no room for the rest, which reads as zeros.
/// - Nothing is forced to the disk: a history that is cut off is made again.
/// - A listing shows the seals and the newest segments: enough to find the end of the log. All of
///   them need not fit in memory.
///
/// Not thread-safe.
final class SparseBucket implements Bucket {
  /// Segments that a listing shows.
  private static final int NEWEST = 4;

  /// Where a header says whether it is a seal (`docs/format.md`, "Segment").
  private static final int FLAGS_AT = 10;

  private final Path folder;
  private final Bucket bucket;
  private final Set<Path> folders = new HashSet<>();
  private final List<ListedObject> seals = new ArrayList<>();
  private final Deque<ListedObject> newest = new ArrayDeque<>();

  /// `bucket` is the one in that folder, as others see it.
  SparseBucket(Path folder, Bucket bucket) {
    this.folder = folder;
    this.bucket = bucket;
  }

  @Override
  public Optional<Range> get(String key, long offset, int length)
      throws CorruptException, RefusedException, UnavailableException {
    return bucket.get(key, offset, length);
  }

  @Override
  public PutResult putIfAbsent(String key, List<ByteBuffer> body) throws UnavailableException {
    long length = body.stream().mapToLong(ByteBuffer::remaining).sum();
    Path file = folder.resolve(key);
    try {
      Path around = Objects.requireNonNull(file.getParent(), "a key has a folder");
      if (folders.add(around)) {
        Files.createDirectories(around);
      }
      if (Files.exists(file)) {
        return PutResult.EXISTS;
      }
      write(file, body.getFirst(), length);
    } catch (IOException e) {
      throw new UnavailableException("cannot put " + key + " into " + folder + ": " + e, e);
    }
    ListedObject object = new ListedObject(key, length);
    if (body.getFirst().getShort(FLAGS_AT) != 0) {
      seals.add(object);
    } else {
      newest.addLast(object);
      if (newest.size() > NEWEST) {
        newest.removeFirst();
      }
    }
    return PutResult.CREATED;
  }

  private static void write(Path file, ByteBuffer header, long length) throws IOException {
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      ByteBuffer rest = header.duplicate();
      while (rest.hasRemaining()) {
        out.getChannel().write(rest);
      }
      out.setLength(length);
    }
  }

  @Override
  public void delete(String key) throws RefusedException, UnavailableException {
    newest.removeIf(object -> object.key().equals(key));
    try {
      Files.deleteIfExists(folder.resolve(key));
    } catch (IOException e) {
      throw new UnavailableException("cannot delete " + key + " in " + folder + ": " + e, e);
    }
  }

  @Override
  public Listing list(String prefix, String startAfter, int limit) {
    List<ListedObject> all = new ArrayList<>(seals);
    all.addAll(newest);
    all.sort(Comparator.comparing(ListedObject::key));
    return new Listing(
        all.stream()
            .filter(each -> each.key().startsWith(prefix) && each.key().compareTo(startAfter) > 0)
            .limit(limit)
            .toList(),
        false);
  }
}
