package org.holdfast.client.tree;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/// What this process can do in a target: which capabilities it has, what the file system knows, and
/// whether new entries inherit ACLs from the root. Asks, and changes nothing.
///
/// Capability numbers are from `include/uapi/linux/capability.h`.
record Abilities(Set<Shortfall> shortfalls, boolean inheritsAcls) {
  private static final int CAP_CHOWN = 0;
  private static final int CAP_FSETID = 4;
  private static final int CAP_SYS_ADMIN = 21;
  private static final int CAP_MKNOD = 27;

  static Abilities of(int root) {
    Set<Shortfall> shortfalls = EnumSet.noneOf(Shortfall.class);
    try (Scratch scratch = Scratch.borrow()) {
      addMissingRights(Capabilities.effective(scratch), shortfalls);
      MemorySegment value = scratch.data();
      if (Errno.EOPNOTSUPP.is(-ask(scratch, root, "user.holdfast", value))) {
        shortfalls.add(Shortfall.USER_ATTRIBUTE);
      }
      int inherited = ask(scratch, root, "system.posix_acl_default", value);
      if (Errno.EOPNOTSUPP.is(-inherited)) {
        shortfalls.add(Shortfall.ACL);
      }
      return new Abilities(Collections.unmodifiableSet(shortfalls), inherited > 0);
    }
  }

  private static void addMissingRights(long capabilities, Set<Shortfall> shortfalls) {
    if (!has(capabilities, CAP_CHOWN)) {
      Collections.addAll(shortfalls, Shortfall.OWNER, Shortfall.GROUP);
    }
    if (!has(capabilities, CAP_CHOWN) || !has(capabilities, CAP_FSETID)) {
      shortfalls.add(Shortfall.SETUID_BITS);
    }
    if (!has(capabilities, CAP_SYS_ADMIN)) {
      shortfalls.add(Shortfall.PRIVILEGED_ATTRIBUTE);
    }
    if (!has(capabilities, CAP_MKNOD)) {
      shortfalls.add(Shortfall.SPECIAL);
    }
  }

  private static boolean has(long capabilities, int capability) {
    return (capabilities >>> capability & 1) != 0;
  }

  private static int ask(Scratch scratch, int root, String name, MemorySegment value) {
    byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
    MemorySegment entry = scratch.entry(root, new byte[] {'.'});
    return (int) Libc.lgetxattr(scratch, entry, scratch.otherName(bytes), value);
  }
}
