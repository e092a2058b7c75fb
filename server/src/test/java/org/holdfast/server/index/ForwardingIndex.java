package org.holdfast.server.index;

import java.nio.file.Path;
import java.util.List;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;
import org.jspecify.annotations.Nullable;

/// An index in front of another one, for tests that watch or change some of what is asked of it.
public class ForwardingIndex implements Index {
  private final Index inner;

  public ForwardingIndex(Index inner) {
    this.inner = inner;
  }

  @Override
  public byte @Nullable [] get(byte[] key) {
    return inner.get(key);
  }

  @Override
  public void write(Batch batch) {
    inner.write(batch);
  }

  @Override
  public void scan(byte[] prefix, RowSink sink) {
    inner.scan(prefix, sink);
  }

  @Override
  public List<Row> page(byte[] prefix, byte[] after, int limit) {
    return inner.page(prefix, after, limit);
  }

  @Override
  public SortedRows sorted(Path file) {
    return inner.sorted(file);
  }

  @Override
  public void beginLoad() {
    inner.beginLoad();
  }

  @Override
  public void endLoad() {
    inner.endLoad();
  }

  @Override
  public boolean linkTo(Path folder) {
    return inner.linkTo(folder);
  }

  @Override
  public Index openLinked(Path folder) throws RefusedException, UnavailableException {
    return inner.openLinked(folder);
  }

  @Override
  public void flush() {
    inner.flush();
  }

  @Override
  public void close() {
    inner.close();
  }
}
