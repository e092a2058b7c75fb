package org.holdfast.stores;

import java.io.IOException;
import java.util.Arrays;
import org.holdfast.core.Spawner;

/// The main class of a store's process: runs the store's own, and ends when stdin does.
///
/// The process that started the store holds the other end of stdin, so a store never outlives its
/// tests, however they end.
final class Leash {
  private Leash() {}

  /// The store's main class and its arguments.
  public static void main(String[] args) throws Exception {
    Spawner.platform().spawn("leash", Leash::endWithStdin);
    Class.forName(args[0])
        .getMethod("main", String[].class)
        .invoke(null, (Object) Arrays.copyOfRange(args, 1, args.length));
  }

  private static void endWithStdin() {
    try {
      while (System.in.read() >= 0) {
        // Nothing is said to a store.
      }
    } catch (IOException e) {
      // As good as its end.
    }
    Runtime.getRuntime().halt(1);
  }
}
