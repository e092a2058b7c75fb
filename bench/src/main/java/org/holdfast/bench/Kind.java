package org.holdfast.bench;

/// Whose commands a program in the comparison understands, and where it stores.
enum Kind {
  /// Holdfast through its server, with TLS.
  HOLDFAST("", false, true, "#1f6fb4"),
  /// restic through its REST server, with TLS.
  REST(", rest-server", true, true, "#5b6470"),
  /// borg through ssh.
  SSH(", ssh", true, true, "#5b6470"),
  /// Holdfast into a folder, without a server.
  ALONE(", dir:", false, false, "#8fc1ea"),
  /// restic into a folder.
  RESTIC("", true, false, "#b9c0c8"),
  /// borg into a folder.
  BORG("", true, false, "#b9c0c8");

  private final String suffix;
  private final boolean isPeer;
  private final boolean isRemote;
  private final String colour;

  Kind(String suffix, boolean isPeer, boolean isRemote, String colour) {
    this.suffix = suffix;
    this.isPeer = isPeer;
    this.isRemote = isRemote;
    this.colour = colour;
  }

  boolean isPeer() {
    return isPeer;
  }

  /// Whether it goes through a server.
  boolean isRemote() {
    return isRemote;
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

  /// Of its bar: blue is Holdfast, and the darker goes through a server.
  String colour() {
    return colour;
  }
}
