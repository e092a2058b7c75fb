package org.holdfast.client.archive;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.holdfast.client.archive.Attributes.Attribute;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;

/// The names, attribute sets and chunks that the entries of a page refer to by number.
///
/// Hands them out only in order of first use and knows at the end whether all were used, so that
/// there is one encoding of a page. The order in which sets use names can be checked only when an
/// entry first uses the set, so the names' numbers are kept until then.
final class PageTables {
  private final Source source;
  private final List<Bytes> strings = new ArrayList<>();
  private final List<Attributes> sets = new ArrayList<>();
  private final List<int[]> setStrings = new ArrayList<>();
  private final List<BlockName> chunks;
  private int stringsUsed;
  private int setsUsed;
  private int chunksUsed;

  /// Reads the strings and sets that the source stands before.
  PageTables(Source source, List<BlockName> chunks) throws CorruptException {
    this.source = source;
    this.chunks = chunks;
    readStrings();
    readSets();
  }

  /// The name for a number as entries give it, where 0 stands for none.
  Bytes name(long number) throws CorruptException {
    if (number == 0) {
      return Metadata.NO_NAME;
    }
    stringsUsed = used(number - 1, stringsUsed, strings.size());
    return strings.get((int) (number - 1));
  }

  Attributes set(long number) throws CorruptException {
    int before = setsUsed;
    setsUsed = used(number, setsUsed, sets.size());
    if (setsUsed > before) {
      for (int each : setStrings.get(before)) {
        stringsUsed = used(each, stringsUsed, strings.size());
      }
    }
    return sets.get((int) number);
  }

  BlockName chunk(long number) throws CorruptException {
    chunksUsed = used(number, chunksUsed, chunks.size());
    return chunks.get((int) number);
  }

  void checkAllUsed() throws CorruptException {
    if (stringsUsed < strings.size() || setsUsed < sets.size() || chunksUsed < chunks.size()) {
      throw source.fault("a name, attribute set or chunk is never used");
    }
  }

  /// How many are used after a use of that number; each new one must be the next.
  private int used(long number, int used, int size) throws CorruptException {
    if (number > used || number >= size) {
      throw source.fault("a name, attribute set or chunk is not there or out of order");
    }
    return number == used ? used + 1 : used;
  }

  private void readStrings() throws CorruptException {
    long count = source.varint();
    Set<Bytes> seen = new HashSet<>();
    for (long i = 0; i < count; i++) {
      Bytes string = source.bytes(1, Metadata.NAME_LENGTH_MAX);
      if (!seen.add(string)) {
        throw source.fault("a name comes twice");
      }
      strings.add(string);
    }
  }

  private void readSets() throws CorruptException {
    long count = source.varint();
    Set<Bytes> seen = new HashSet<>();
    for (long i = 0; i < count; i++) {
      int start = source.position();
      readSet();
      if (!seen.add(source.between(start, source.position()))) {
        throw source.fault("an attribute set comes twice");
      }
    }
  }

  private void readSet() throws CorruptException {
    int size = source.count(1, Attributes.COUNT_MAX);
    List<Attribute> list = new ArrayList<>();
    List<Integer> numbers = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      long number = source.varint();
      if (number >= strings.size()) {
        throw source.fault("an attribute's name is not there");
      }
      numbers.add((int) number);
      Bytes name = strings.get((int) number);
      if (i > 0 && list.getLast().name().compareTo(name) >= 0) {
        throw source.fault("attributes are not sorted");
      }
      list.add(new Attribute(name, source.bytes(0, Attributes.VALUE_LENGTH_MAX)));
    }
    if (!Attributes.fits(list)) {
      throw source.fault("an attribute set is too long");
    }
    sets.add(new Attributes(list));
    setStrings.add(numbers.stream().mapToInt(Integer::intValue).toArray());
  }
}
