package org.holdfast.bucket;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.holdfast.core.CorruptException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;

/// A bucket that does one thing around each call of another bucket, and keeps the contract.
abstract class Layer implements Bucket {
  /// What a call asks for.
  enum Kind {
    GET,
    PUT,
    DELETE,
    LIST
  }

  /// @param bytes of the body, or of the range that is asked for
  record Request(Kind kind, String subject, long bytes) {}

  /// One attempt.
  interface Call<T> {
    T run() throws CorruptException, RefusedException, UnavailableException;
  }

  private final Bucket inner;

  Layer(Bucket inner) {
    this.inner = inner;
  }

  abstract <T> T around(Request request, Call<T> call)
      throws CorruptException, RefusedException, UnavailableException;

  @Override
  public final Optional<Range> get(String key, long offset, int length)
      throws CorruptException, RefusedException, UnavailableException {
    return around(new Request(Kind.GET, key, length), () -> inner.get(key, offset, length));
  }

  @Override
  public final PutResult putIfAbsent(String key, List<ByteBuffer> body)
      throws RefusedException, UnavailableException {
    return unread(
        new Request(Kind.PUT, key, KeyRules.checkBody(body)), () -> inner.putIfAbsent(key, body));
  }

  @Override
  public final void delete(String key) throws RefusedException, UnavailableException {
    boolean _ =
        unread(
            new Request(Kind.DELETE, key, 0),
            () -> {
              inner.delete(key);
              return true;
            });
  }

  @Override
  public final Listing list(String prefix, String startAfter, int limit)
      throws RefusedException, UnavailableException {
    return unread(new Request(Kind.LIST, prefix, 0), () -> inner.list(prefix, startAfter, limit));
  }

  @Override
  public final void close() {
    inner.close();
  }

  @Override
  public final String toString() {
    return inner.toString();
  }

  /// Around a call that reads nothing.
  final <T> T unread(Request request, Call<T> call) throws RefusedException, UnavailableException {
    try {
      return around(request, call);
    } catch (CorruptException e) {
      throw new AssertionError("only what is read can be corrupt", e);
    }
  }
}
