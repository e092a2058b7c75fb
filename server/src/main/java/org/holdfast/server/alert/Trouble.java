package org.holdfast.server.alert;

/// Something that is wrong.
///
/// @param line for a person
/// @param size grows if there is more of it; 0 if it has none
record Trouble(String line, Course course, long size) {
  /// One that lasts.
  static Trouble of(String line) {
    return new Trouble(line, Course.REPEATED, 0);
  }

  /// When it is told, beside its beginning.
  enum Course {
    /// It happens, and has no end.
    EVENT,
    /// At its end, and when it grows: as long as it stays, there is nothing new to do about it.
    STANDING,
    /// Also once an hour.
    REPEATED
  }
}
