package org.holdfast.bench;

/// What is measured of a program, in this order: each works on what those before have made.
enum Stage {
  FIRST("first backup"),
  UNCHANGED("unchanged"),
  CHANGED("1 % changed"),
  LIST("list"),
  RESTORE("full restore"),
  ONE("one file"),
  VERIFY("verify all data"),
  DELETE("delete one, reclaim");

  private final String words;

  Stage(String words) {
    this.words = words;
  }

  /// Whether it fills an empty folder.
  boolean restores() {
    return this == RESTORE || this == ONE;
  }

  @Override
  public String toString() {
    return words;
  }
}
