package org.holdfast.cli;

/// What keeps a rebuild from being faster (`docs/recovery.md`).
enum Bound {
  /// The store, or the way to it.
  BUCKET("the bucket or the network"),
  /// All processors are busy.
  PROCESSOR("the processor"),
  /// None of these waits much: it reads and writes its own files.
  DISK("the disk of the state folder");

  private static final double MOST = 0.5;
  private static final double BUSY = 0.8;

  private final String words;

  Bound(String words) {
    this.words = words;
  }

  /// From what was used of all processors, and waited for the bucket, of some time: 0 to 1.
  static Bound of(double processors, double waited) {
    if (processors >= BUSY) {
      return PROCESSOR;
    }
    return waited >= MOST ? BUCKET : DISK;
  }

  @Override
  public String toString() {
    return words;
  }
}
