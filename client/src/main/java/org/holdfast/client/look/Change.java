package org.holdfast.client.look;

import java.util.List;
import org.holdfast.client.archive.Entry;

/// What has become of an entry between two archives.
///
/// @param entry as it is now; as it was, if it is gone
/// @param details what differs, a few words each; none if it came or went
public record Change(Kind kind, Entry entry, List<String> details) {
  public Change {
    details = List.copyOf(details);
  }

  /// In what it has changed, the most first.
  public enum Kind {
    ADDED('+', "added"),
    REMOVED('-', "removed"),
    /// It is something else now, as a folder that was a file.
    TYPE('T', "type"),
    CONTENT('M', "content"),
    METADATA('U', "metadata");

    private final char letter;
    private final String word;

    Kind(char letter, String word) {
      this.letter = letter;
      this.word = word;
    }

    /// For people, as other programs have it.
    public char letter() {
      return letter;
    }

    /// For scripts.
    public String word() {
      return word;
    }
  }
}
