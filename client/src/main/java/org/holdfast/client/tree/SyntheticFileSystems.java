package org.holdfast.client.tree;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/// File systems whose files the kernel, or a program, makes up when they are read: no backup of
/// them can be restored, and some of their files have no end.
///
/// Which are mounted is read from `/proc/self/mountinfo` (proc_pid_mountinfo(5)), whose third word
/// is a device and whose first word behind ` - ` is a type.
public final class SyntheticFileSystems {
  private static final Set<String> TYPES =
      Set.of(
          "binfmt_misc",
          "bpf",
          "cgroup",
          "cgroup2",
          "configfs",
          "debugfs",
          "devpts",
          "devtmpfs",
          "efivarfs",
          "fuse.gvfsd-fuse",
          "fuse.lxcfs",
          "fuse.portal",
          "fusectl",
          "hugetlbfs",
          "mqueue",
          "nfsd",
          "nsfs",
          "proc",
          "pstore",
          "resctrl",
          "rpc_pipefs",
          "securityfs",
          "selinuxfs",
          "smackfs",
          "sysfs",
          "tracefs",
          "xenfs");

  private static final int DEVICE_WORD = 2;

  private SyntheticFileSystems() {}

  /// Devices of those that are mounted now, as [FileStatus#device] has them. None where the kernel
  /// does not say.
  public static Set<Long> mounted() {
    return ProcFile.read("mountinfo").map(SyntheticFileSystems::devices).orElse(Set.of());
  }

  static Set<Long> devices(byte[] mountinfo) {
    Set<Long> devices = new HashSet<>();
    for (String line : new String(mountinfo, StandardCharsets.ISO_8859_1).split("\n", -1)) {
      int behind = line.indexOf(" - ");
      String[] words = line.split(" ", DEVICE_WORD + 2);
      if (behind < 0 || words.length <= DEVICE_WORD) {
        continue;
      }
      String type = line.substring(behind + 3).split(" ", 2)[0];
      if (TYPES.contains(type)) {
        device(words[DEVICE_WORD]).ifPresent(devices::add);
      }
    }
    return devices;
  }

  /// Of `major:minor`.
  private static Optional<Long> device(String text) {
    int colon = text.indexOf(':');
    try {
      long major = Long.parseLong(text.substring(0, Math.max(0, colon)));
      return Optional.of(major << 32 | Long.parseLong(text.substring(colon + 1)));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }
}
