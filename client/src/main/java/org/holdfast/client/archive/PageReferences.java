package org.holdfast.client.archive;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;

/// The references of a page: which chunks its entries use, for who may not see the entries.
public final class PageReferences {
  private PageReferences() {}

  /// The names, each once, in order of first use.
  public static List<BlockName> decode(Bytes part) throws CorruptException {
    Source source = new Source("a page's list of references", part.toArray());
    source.version(EntryFormat.VERSION);
    List<BlockName> names = names(source, source.varint());
    source.end();
    return names;
  }

  /// Reads that many names, of which none may come twice.
  static List<BlockName> names(Source source, long count) throws CorruptException {
    if (count > source.remaining() / BlockName.LENGTH) {
      throw source.fault("it ends too early");
    }
    List<BlockName> names = new ArrayList<>((int) count);
    Set<BlockName> seen = HashSet.newHashSet((int) count);
    for (int i = 0; i < count; i++) {
      BlockName name = new BlockName(source.rawBytes(BlockName.LENGTH));
      if (!seen.add(name)) {
        throw source.fault("a name comes twice");
      }
      names.add(name);
    }
    return names;
  }
}
