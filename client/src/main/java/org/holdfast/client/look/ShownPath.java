package org.holdfast.client.look;

import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.tree.PathText;

/// An archive's path for a person.
final class ShownPath {
  private ShownPath() {}

  static String of(ArchivePath path) {
    return "/" + PathText.print(path.toArray());
  }
}
