package org.holdfast.client.backup;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.holdfast.client.tree.ExtendedAttribute;
import org.holdfast.client.tree.FileAccessException;
import org.holdfast.client.tree.FileStatus;
import org.holdfast.client.tree.SourceFile;
import org.holdfast.client.tree.SourceTree;
import org.holdfast.core.Bytes;
import org.holdfast.core.Spawner;
import org.jspecify.annotations.Nullable;

/// Reads small files before it is their turn, several at a time: a disk that has to be waited for
/// gives many times as much when it is asked for eight at once.
///
/// - What is read and not taken yet is bounded in bytes: a file that has become longer than it was
///   when it was met, or has many attributes, is left to who takes it.
/// - A file that has gone, or given its name to another, is left to who takes it too.
/// - Who takes a file that nobody has begun to read reads it himself.
/// - [#close] returns when nobody reads any more.
///
/// One thread submits, takes and closes.
final class ReadAhead implements AutoCloseable {
  private static final int READERS_MAX = 8;
  private static final long BYTES_MAX = 4 << 20;

  /// What a file takes besides its content, in bytes: more attributes are left to who takes it.
  private static final int ATTRIBUTES_MAX = 4096;

  private final SourceTree tree;
  private final Bytes nameKey;
  private final Spawner spawner;
  private final ContentTag ownTags;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition submitted = lock.newCondition();
  private final Condition finished = lock.newCondition();
  private final ArrayDeque<Ahead> waiting = new ArrayDeque<>();
  private long bytes;
  private int readers;
  private int readersMax = READERS_MAX;
  private int idle;
  private boolean closed;

  ReadAhead(SourceTree tree, Bytes nameKey, Spawner spawner) {
    this.tree = tree;
    this.nameKey = nameKey;
    this.spawner = spawner;
    this.ownTags = new ContentTag(nameKey);
  }

  /// Whether one more file may be submitted.
  boolean hasRoom() {
    return bytes < BYTES_MAX;
  }

  /// Has a file read as soon as may be.
  Ahead submit(byte[] path, FileStatus status) {
    Ahead file = new Ahead(path, status);
    bytes += status.size();
    boolean isShort;
    lock.lock();
    try {
      waiting.add(file);
      isShort = idle == 0 && readers < readersMax;
      if (isShort) {
        readers++;
      } else if (idle > 0) {
        submitted.signal();
      }
    } finally {
      lock.unlock();
    }
    if (isShort) {
      start();
    }
    return file;
  }

  /// The file, once; empty if it has to be opened again: it is another now, or has grown, or holes.
  Optional<SmallFile> take(Ahead file) throws FileAccessException {
    bytes -= file.status.size();
    boolean isMine;
    lock.lock();
    try {
      isMine = file.state == State.WAITING;
      if (isMine) {
        file.state = State.READING;
        waiting.remove(file);
      }
      while (!isMine && file.state != State.DONE) {
        finished.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
    if (isMine) {
      read(file, ownTags);
    }
    return file.result();
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      waiting.clear();
      submitted.signalAll();
      while (readers > 0) {
        finished.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  private void start() {
    boolean started = false;
    try {
      spawner.spawn("read ahead", this::work);
      started = true;
    } catch (OutOfMemoryError e) {
      // The system gives no more threads. Those that there are do, and so does none.
      readersMax = 0;
    } finally {
      if (!started) {
        leave();
      }
    }
  }

  private void work() {
    try {
      ContentTag tags = new ContentTag(nameKey);
      for (Ahead next = next(); next != null; next = next()) {
        read(next, tags);
        done(next);
      }
    } finally {
      leave();
    }
  }

  private @Nullable Ahead next() {
    lock.lock();
    try {
      while (waiting.isEmpty() && !closed) {
        idle++;
        submitted.awaitUninterruptibly();
        idle--;
      }
      Ahead next = waiting.poll();
      if (next != null) {
        next.state = State.READING;
      }
      return next;
    } finally {
      lock.unlock();
    }
  }

  private void done(Ahead file) {
    lock.lock();
    try {
      file.state = State.DONE;
      finished.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void leave() {
    lock.lock();
    try {
      readers--;
      finished.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Whatever goes wrong is for who takes the file.
  private void read(Ahead file, ContentTag tags) {
    try (SourceFile source = tree.open(file.path, file.status)) {
      file.small =
          SmallFile.read(source, tags, file.status.size())
              .filter(small -> bytes(small.attributes()) <= ATTRIBUTES_MAX);
    } catch (FileAccessException e) {
      file.refusal = e.isReplaced() ? null : e;
    } catch (RuntimeException | Error e) {
      file.defect = e;
    }
  }

  private static long bytes(List<ExtendedAttribute> attributes) {
    long bytes = 0;
    for (ExtendedAttribute attribute : attributes) {
      bytes += attribute.name().length() + (long) attribute.value().length();
    }
    return bytes;
  }

  private enum State {
    WAITING,
    READING,
    DONE
  }

  /// A file on its way. Its state belongs to the lock; the rest to who reads it, and then to who
  /// takes it.
  static final class Ahead {
    private final byte[] path;
    private final FileStatus status;
    private State state = State.WAITING;
    private Optional<SmallFile> small = Optional.empty();
    private @Nullable FileAccessException refusal;
    private @Nullable Throwable defect;

    private Ahead(byte[] path, FileStatus status) {
      this.path = path;
      this.status = status;
    }

    private Optional<SmallFile> result() throws FileAccessException {
      if (refusal != null) {
        throw refusal;
      }
      if (defect != null) {
        throw new IllegalStateException(defect);
      }
      return small;
    }
  }
}
