package org.holdfast.server.index;

import java.nio.file.Path;
import java.util.List;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;
import org.jspecify.annotations.Nullable;

/// The owner's local map from keys to rows. A cache of the log: as of some position of it, which is
/// one of the rows, so that what is missing can be replayed.
///
/// - A batch takes effect whole or not at all, also in a crash.
/// - After a crash the index holds every batch up to some moment, in order, and none after it.
///
/// One thread writes; any may read. What reads after [#close] is told so by an [IndexException].
public interface Index extends AutoCloseable {
  /// The value, or null. The caller may keep the array.
  byte @Nullable [] get(byte[] key);

  /// Puts the batch's rows; not on disk yet when this returns.
  void write(Batch batch);

  /// Hands every row whose key begins with `prefix` to the sink, in ascending order of the keys.
  void scan(byte[] prefix, RowSink sink);

  /// The first rows, at most `limit`, whose key begins with `prefix` and comes after `after`, in
  /// ascending order of the keys: as of one moment.
  List<Row> page(byte[] prefix, byte[] after, int limit);

  /// Takes many rows, none of which is there, in ascending order of their keys: in the index once
  /// it is told that they have ended. `file`, which is not there, may be used until then. Any
  /// thread, each its own.
  SortedRows sorted(Path file);

  /// Many rows will come by [#sorted]. What is written until [#endLoad] is not merged to the bottom
  /// meanwhile, where it would be in their way.
  default void beginLoad() {}

  /// That is over. Not told to an index that is thrown away.
  default void endLoad() {}

  /// Links the files that hold the index, as of one moment, into a folder that is made for it; they
  /// do not change there, and take no room but for what the index deletes meanwhile. Answers false
  /// if it is not in files. Any thread.
  default boolean linkTo(Path folder) {
    return false;
  }

  /// Opens the files that [#linkTo] has linked into a folder, to read: they stay as they are.
  default Index openLinked(Path folder) throws RefusedException, UnavailableException {
    throw new RefusedException("an index that is not in files has linked nothing to " + folder);
  }

  /// Brings everything that was written to the disk.
  void flush();

  @Override
  void close();

  /// Opens the index that a folder holds, or begins one there.
  interface Opening {
    Index open(Path folder) throws RefusedException, UnavailableException;
  }

  /// A row. Never compared, so the arrays may stay arrays.
  @SuppressWarnings("ArrayRecordComponent")
  record Row(byte[] key, byte[] value) {}

  /// Takes rows.
  interface RowSink {
    void row(byte[] key, byte[] value);
  }

  /// Rows on their way into the index; closed without an end they are dropped.
  interface SortedRows extends RowSink, AutoCloseable {
    void end();

    @Override
    void close();
  }
}
