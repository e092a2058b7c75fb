package org.holdfast.client.archive;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.holdfast.core.Bytes;
import org.holdfast.core.Invariant;

/// The extended attributes of an entry, sorted by name, each name once.
///
/// Within the format's bounds, which are wider than Linux's for one attribute (names of 255 bytes,
/// values of 65,536); who reads a file system leaves out what [#fits] refuses. Comparable only so
/// that a hash table of sets cannot be made slow by chosen sets.
public record Attributes(List<Attribute> list) implements Comparable<Attributes> {
  /// No attributes.
  public static final Attributes NONE = new Attributes(List.of());

  /// Most attributes of one entry.
  public static final int COUNT_MAX = 4_096;

  /// Longest value in bytes, that of Linux (`XATTR_SIZE_MAX`).
  public static final int VALUE_LENGTH_MAX = 65_536;

  /// Most bytes of names and values of one entry together, so that a page stays far below a block.
  public static final int TOTAL_LENGTH_MAX = 1 << 20;

  public Attributes {
    list = List.copyOf(list);
    Invariant.check(fits(list), "attributes are within their bounds");
    for (int i = 1; i < list.size(); i++) {
      Invariant.check(
          list.get(i - 1).name().compareTo(list.get(i).name()) < 0, "attributes are sorted");
    }
  }

  /// Sorts by name.
  public static Attributes of(Collection<Attribute> attributes) {
    if (attributes.isEmpty()) {
      return NONE;
    }
    return new Attributes(
        attributes.stream().sorted(Comparator.comparing(Attribute::name)).toList());
  }

  /// Whether these are within the format's bounds.
  public static boolean fits(Collection<Attribute> attributes) {
    long total = 0;
    for (Attribute each : attributes) {
      if (!Metadata.isName(each.name()) || each.value().length() > VALUE_LENGTH_MAX) {
        return false;
      }
      total += each.name().length() + each.value().length();
    }
    return attributes.size() <= COUNT_MAX && total <= TOTAL_LENGTH_MAX;
  }

  public boolean isEmpty() {
    return list.isEmpty();
  }

  @Override
  public int compareTo(Attributes other) {
    int shorter = Math.min(list.size(), other.list.size());
    for (int i = 0; i < shorter; i++) {
      int order = list.get(i).compareTo(other.list.get(i));
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(list.size(), other.list.size());
  }

  /// One attribute; on Linux the name begins with its name space, as in `user.`.
  public record Attribute(Bytes name, Bytes value) implements Comparable<Attribute> {
    @Override
    public int compareTo(Attribute other) {
      int order = name.compareTo(other.name);
      return order != 0 ? order : value.compareTo(other.value);
    }
  }
}
