package org.holdfast.bench;

/// Whose commands a program in the comparison understands, and where it stores.
enum Kind {
  /// Holdfast through its server, with TLS.
  HOLDFAST("", false, true),
  /// restic through its REST server, with TLS.
  REST(", rest-server", true, true),
  /// borg through ssh.
  SSH(", ssh", true, true),
  /// Holdfast into a folder, without a server.
  ALONE(", dir:", false, false),
  /// restic into a folder.
  RESTIC("", true, false),
  /// borg into a folder.
  BORG("", true, false);

  private final String suffix;
  private final boolean isPeer;
  private final boolean isRemote;

  Kind(String suffix, boolean isPeer, boolean isRemote) {
    this.suffix = suffix;
    this.isPeer = isPeer;
    this.isRemote = isRemote;
  }

  boolean isPeer() {
    return isPeer;
  }

  /// Whether what is measured of this says how fast the other is: both through a server, or
  /// neither.
  boolean isPeerOf(Kind other) {
    return isPeer && !other.isPeer && isRemote == other.isRemote;
  }

  /// As a table calls a program of this kind.
  String title(String version) {
    return version + suffix;
  }
}
