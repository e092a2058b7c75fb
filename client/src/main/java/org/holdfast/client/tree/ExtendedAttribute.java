package org.holdfast.client.tree;

import org.holdfast.core.Bytes;

/// A named value that hangs on an entry, ACLs (`system.posix_acl_*`) and capabilities included. The
/// name has its name space (`user.`, `security.`, ...) and no NUL.
public record ExtendedAttribute(Bytes name, Bytes value) implements Comparable<ExtendedAttribute> {
  @Override
  public int compareTo(ExtendedAttribute other) {
    int byName = name.compareTo(other.name);
    return byName != 0 ? byName : value.compareTo(other.value);
  }

  /// The name in a form that is safe to print.
  public String printedName() {
    return PathText.print(name.toArray());
  }
}
