package org.holdfast.server;

import java.nio.ByteBuffer;
import java.util.List;
import org.holdfast.bucket.Bucket;
import org.holdfast.core.HoldfastException;

/// The store that two servers fight over.
interface Ground {
  /// A server's way to it.
  Way way(int server);

  /// One process over one bucket: a put that is late is one that is made later.
  static Ground of(Bucket bucket) {
    Way way =
        new Way() {
          @Override
          public Bucket bucket() {
            return bucket;
          }

          @Override
          public Late late(String key, List<ByteBuffer> body) {
            return () -> bucket.putIfAbsent(key, body);
          }
        };
    return _ -> way;
  }

  /// A server's way to the store.
  interface Way {
    Bucket bucket();

    /// A put that its sender gives up before it arrives.
    Late late(String key, List<ByteBuffer> body) throws HoldfastException;
  }

  /// A put on its way.
  interface Late {
    /// It arrives; returns when it has taken effect, or cannot any more.
    void land() throws HoldfastException;
  }
}
