package org.holdfast.client.tree;

import java.util.HashMap;
import java.util.Map;
import org.holdfast.core.Bytes;

/// Which paths of a walk are names of the same entry. Remembers one path for each entry that has
/// several links. One thread.
public final class HardLinks {
  private final Map<Identity, Bytes> firstPaths = new HashMap<>();

  /// The first path under which the walk met the entry: the given one if it is the first.
  public Bytes firstPath(byte[] path, FileStatus status) {
    Bytes own = Bytes.copyOf(path);
    if (!status.mayBeHardLinked()) {
      return own;
    }
    Bytes first = firstPaths.putIfAbsent(new Identity(status.device(), status.inode()), own);
    return first == null ? own : first;
  }

  private record Identity(long device, long inode) {}
}
