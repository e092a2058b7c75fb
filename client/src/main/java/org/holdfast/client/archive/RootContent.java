package org.holdfast.client.archive;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.Invariant;

/// The part of an archive's head that names things: what, whose, from where, and where each page
/// begins.
///
/// - The pages' first paths ascend; two are equal only if the earlier page has one entry, a part of
///   a long file, and then the first page of that path is where the file begins.
/// - There is one page start for each page in the [Root], and they add up to its totals.
///
/// @param name 1-255 bytes of UTF-8, like each tag; host, user and program have at most as many
/// @param paths that were asked for
/// @param unreadable how many files could not be read
/// @param named the first of these, at most [#NAMED_MAX]
public record RootContent(
    String name,
    List<String> tags,
    String host,
    String user,
    String program,
    List<ArchivePath> paths,
    List<PageStart> pages,
    long unreadable,
    List<Unreadable> named) {

  /// Most tags of an archive.
  public static final int TAGS_MAX = 64;

  /// Most paths that a backup is asked for.
  public static final int PATHS_MAX = 65_536;

  /// Most unreadable files that are named.
  public static final int NAMED_MAX = 1_000;

  /// Longest name, tag, host, user and program in bytes of UTF-8.
  public static final int TEXT_LENGTH_MAX = 255;

  private static final int VERSION = 1;

  public RootContent {
    tags = List.copyOf(tags);
    paths = List.copyOf(paths);
    pages = List.copyOf(pages);
    named = List.copyOf(named);
    Invariant.check(isText(name, 1, TEXT_LENGTH_MAX), "length of an archive's name");
    Invariant.check(tags.size() <= TAGS_MAX && paths.size() <= PATHS_MAX, "tags and paths");
    for (String each : tags) {
      Invariant.check(isText(each, 1, TEXT_LENGTH_MAX), "length of a tag");
    }
    for (String each : List.of(host, user, program)) {
      Invariant.check(isText(each, 0, TEXT_LENGTH_MAX), "length of host, user or program");
    }
    Invariant.check(named.size() <= NAMED_MAX && named.size() <= unreadable, "unreadable files");
    for (int i = 1; i < pages.size(); i++) {
      Invariant.check(pages.get(i - 1).comesBefore(pages.get(i)), "pages are sorted");
    }
  }

  /// The content part, of which [#hash] goes into the [Root].
  public byte[] encode() {
    Sink sink = new Sink(1024 + pages.size() * 64);
    sink.u8(VERSION);
    sink.text(name);
    sink.varint(tags.size());
    tags.forEach(sink::text);
    sink.text(host);
    sink.text(user);
    sink.text(program);
    sink.varint(paths.size());
    paths.forEach(sink::path);
    for (PageStart each : pages) {
      sink.path(each.first());
      sink.varint(each.entries());
      sink.varint(each.bytes());
    }
    sink.varint(unreadable);
    sink.varint(named.size());
    for (Unreadable each : named) {
      sink.path(each.path());
      sink.text(each.reason());
    }
    return sink.toArray();
  }

  /// What the root signs of an encoded content part.
  public static Bytes hash(byte[] part) {
    try {
      return Bytes.wrap(MessageDigest.getInstance("SHA-256").digest(part));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /// Reads a content part, which must be the one that the root speaks of.
  public static RootContent decode(byte[] part, Root root) throws CorruptException {
    if (!hash(part).equals(root.contentHash())) {
      throw new CorruptException(
          "an archive's root has another content than it signs; do not trust this archive");
    }
    return decodeChecked(part, root);
  }

  private static RootContent decodeChecked(byte[] part, Root root) throws CorruptException {
    Source source = new Source("an archive's root", part);
    source.version(VERSION);
    String name = source.text(1, TEXT_LENGTH_MAX);
    List<String> tags = new ArrayList<>();
    for (int left = source.count(0, TAGS_MAX); left > 0; left--) {
      tags.add(source.text(1, TEXT_LENGTH_MAX));
    }
    String host = source.text(0, TEXT_LENGTH_MAX);
    String user = source.text(0, TEXT_LENGTH_MAX);
    String program = source.text(0, TEXT_LENGTH_MAX);
    List<ArchivePath> paths = new ArrayList<>();
    for (int left = source.count(0, PATHS_MAX); left > 0; left--) {
      paths.add(source.path());
    }
    List<PageStart> pages = decodePages(source, root);
    long unreadable = source.varint();
    List<Unreadable> named = new ArrayList<>();
    for (int left = source.count(0, (int) Math.min(unreadable, NAMED_MAX)); left > 0; left--) {
      named.add(new Unreadable(source.path(), source.text(0, Unreadable.REASON_LENGTH_MAX)));
    }
    source.end();
    return new RootContent(name, tags, host, user, program, paths, pages, unreadable, named);
  }

  private static List<PageStart> decodePages(Source source, Root root) throws CorruptException {
    List<PageStart> pages = new ArrayList<>();
    long entries = 0;
    long bytes = 0;
    for (int i = 0; i < root.pages().size(); i++) {
      ArchivePath first = source.path();
      int pageEntries = source.count(1, EntryFormat.ENTRIES_MAX);
      PageStart page = new PageStart(first, pageEntries, source.varint());
      if (!pages.isEmpty() && !pages.getLast().comesBefore(page)) {
        throw source.fault("pages are not sorted");
      }
      entries += page.entries();
      bytes = EncodedPage.sum(bytes, page.bytes());
      pages.add(page);
    }
    if (entries != root.entries() || bytes != root.bytes()) {
      throw source.fault("its pages do not add up to its totals");
    }
    return pages;
  }

  /// How many entries all pages hold, as the [Root] says it.
  public long entries() {
    return pages.stream().mapToLong(PageStart::entries).sum();
  }

  /// How many bytes of files they cover, as the [Root] says it.
  public long bytes() {
    return pages.stream().mapToLong(PageStart::bytes).reduce(0, EncodedPage::sum);
  }

  /// The pages that can hold entries of a subtree. An entry alone is the subtree of its path.
  public PageRange pagesFor(ArchivePath subtree) {
    int from = firstPage(subtree, false);
    boolean beginsThere = from < pages.size() && pages.get(from).first().equals(subtree);
    if (!beginsThere && from > 0) {
      from--;
    }
    return new PageRange(from, Math.max(from, firstPage(subtree, true)));
  }

  /// The first page that begins at the path or after it or, if `beyond`, after its whole subtree.
  private int firstPage(ArchivePath subtree, boolean beyond) {
    int low = 0;
    int high = pages.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      ArchivePath first = pages.get(middle).first();
      boolean isBefore = first.compareTo(subtree) < 0 || (beyond && subtree.contains(first));
      if (isBefore) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  static boolean isText(String text, int min, int max) {
    int length = text.getBytes(StandardCharsets.UTF_8).length;
    return length >= min && length <= max;
  }

  /// Where a page begins, how many entries it has, and how many bytes of files they cover.
  public record PageStart(ArchivePath first, int entries, long bytes) {
    public PageStart {
      Invariant.check(entries >= 1 && entries <= EntryFormat.ENTRIES_MAX, "entries of a page");
      Invariant.check(bytes >= 0, "bytes of a page");
    }

    public static PageStart of(EncodedPage page) {
      return new PageStart(page.first(), page.entries(), page.bytes());
    }

    private boolean comesBefore(PageStart next) {
      int order = first.compareTo(next.first);
      return order < 0 || (order == 0 && entries == 1 && bytes > 0);
    }
  }

  /// A file that could not be read, and why.
  public record Unreadable(ArchivePath path, String reason) {
    /// Longest reason in bytes of UTF-8.
    public static final int REASON_LENGTH_MAX = 1_024;

    public Unreadable {
      Invariant.check(isText(reason, 0, REASON_LENGTH_MAX), "length of a reason");
    }
  }

  /// The pages from `from` up to, but not including, `to`.
  public record PageRange(int from, int to) {
    public boolean isEmpty() {
      return from == to;
    }
  }
}
