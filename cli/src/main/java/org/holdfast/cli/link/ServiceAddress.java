package org.holdfast.cli.link;

import org.holdfast.bucket.BucketAddress;
import org.holdfast.core.RefusedException;

/// How a person names a service: `HOST:PORT`, or `dir:PATH` or `s3://BUCKET[/PREFIX]` for one that
/// runs inside the client.
public sealed interface ServiceAddress {
  /// A server. An IPv6 address is written in brackets, and nothing else is.
  record Remote(String host, int port) implements ServiceAddress {
    @Override
    public String toString() {
      return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
  }

  /// A bucket that this client opens itself.
  record Inside(BucketAddress bucket) implements ServiceAddress {
    @Override
    public String toString() {
      return bucket.toString();
    }
  }

  static ServiceAddress parse(String text) throws RefusedException {
    if (text.startsWith("dir:") || text.startsWith("s3://")) {
      return new Inside(BucketAddress.parse(text));
    }
    int colon = text.lastIndexOf(':');
    if (colon < 1 || colon == text.length() - 1) {
      throw unclear(text);
    }
    String host = text.substring(0, colon);
    boolean bracketed = host.startsWith("[") && host.endsWith("]");
    String bare = bracketed ? host.substring(1, host.length() - 1) : host;
    boolean hasBracket = bare.contains("[") || bare.contains("]");
    if (bare.isBlank() || hasBracket || bare.contains(":") != bracketed) {
      throw unclear(text);
    }
    try {
      int port = Integer.parseInt(text.substring(colon + 1));
      if (port >= 1 && port <= 65_535) {
        return new Remote(bare, port);
      }
    } catch (NumberFormatException e) {
      // Told below, like a number out of range.
    }
    throw unclear(text);
  }

  private static RefusedException unclear(String text) {
    return new RefusedException(
        "'"
            + text
            + "' is no service's address: write HOST:PORT, or dir:PATH or s3://BUCKET[/PREFIX]"
            + " for a bucket without a server");
  }
}
