package org.holdfast.client.archive;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;

/// What the tests of pages, roots and lists share.
final class Pages {
  static final SecretKey KEY = new SecretKeySpec(new byte[32], "HmacSHA256");

  private Pages() {}

  static List<EncodedPage> encode(List<Entry> entries) {
    PageEncoder encoder = new PageEncoder(KEY);
    List<EncodedPage> pages = new ArrayList<>();
    for (Entry each : entries) {
      pages.addAll(encoder.add(each));
    }
    encoder.finish().ifPresent(pages::add);
    return pages;
  }

  static EncodedPage single(List<Entry> entries) {
    PageBuilder builder = new PageBuilder();
    entries.forEach(builder::add);
    return builder.finish();
  }

  static List<Entry> decode(List<EncodedPage> pages) throws CorruptException {
    List<Entry> entries = new ArrayList<>();
    for (EncodedPage each : pages) {
      entries.addAll(decode(each.references(), each.content()));
    }
    return entries;
  }

  static List<Entry> decode(Bytes references, Bytes content) throws CorruptException {
    PageDecoder decoder = new PageDecoder(references, content);
    List<Entry> entries = new ArrayList<>();
    while (decoder.hasNext()) {
      entries.add(decoder.next());
    }
    return entries;
  }

  /// The bytes of a resource in hex, where `#` begins a comment.
  static Bytes golden(String name) throws Exception {
    try (InputStream in = Pages.class.getResourceAsStream(name)) {
      String hex =
          new String(in.readAllBytes(), StandardCharsets.UTF_8)
              .lines()
              .map(line -> line.replaceAll("#.*|\\s", ""))
              .filter(Predicate.not(String::isEmpty))
              .collect(Collectors.joining());
      return Bytes.ofHex(hex);
    }
  }

  static Bytes flip(Bytes bytes, int bit) {
    byte[] flipped = bytes.toArray();
    flipped[bit / 8] ^= (byte) (1 << bit % 8);
    return Bytes.wrap(flipped);
  }

  static Bytes truncate(Bytes bytes, int length) {
    return Bytes.copyOf(bytes.toArray(), 0, length);
  }
}
