package org.holdfast.client.backup;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import org.holdfast.client.archive.Root;
import org.holdfast.client.archive.RootContent;
import org.holdfast.core.RefusedException;

/// What a backup is asked to say of itself, and how hard to compress.
///
/// @param name the archive's, 1 to 255 bytes of UTF-8
/// @param tags for people to find it by
/// @param retentionTag what retention groups archives by; a tidy key can read it
/// @param level of zstd
/// @param processors that seal blocks: so many are worked on at once
public record BackupOptions(
    String name,
    List<String> tags,
    String retentionTag,
    String host,
    String user,
    String program,
    int level,
    int processors) {
  /// Would be taken for a place in the list of archives.
  private static final Pattern RESERVED = Pattern.compile("latest(~\\d*)?");

  public BackupOptions {
    tags = List.copyOf(tags);
  }

  /// Throws [RefusedException] for what an archive cannot say. A person may have written it, so
  /// whoever made these calls it before anything else happens.
  public void check() throws RefusedException {
    checkText("an archive's name", name, 1, RootContent.TEXT_LENGTH_MAX);
    if (RESERVED.matcher(name).matches()) {
      throw new RefusedException(
          "an archive named " + name + " could not be told from the latest one: name it otherwise");
    }
    if (tags.size() > RootContent.TAGS_MAX) {
      throw new RefusedException(
          "an archive has at most %d tags, and these are %d: leave some out"
              .formatted(RootContent.TAGS_MAX, tags.size()));
    }
    for (String tag : tags) {
      checkText("a tag", tag, 1, RootContent.TEXT_LENGTH_MAX);
    }
    checkText("a tag for retention", retentionTag, 0, Root.TAG_LENGTH_MAX);
    checkText("a host's name", host, 0, RootContent.TEXT_LENGTH_MAX);
    checkText("a user's name", user, 0, RootContent.TEXT_LENGTH_MAX);
    checkText("a program's name", program, 0, RootContent.TEXT_LENGTH_MAX);
  }

  private static void checkText(String what, String text, int min, int max)
      throws RefusedException {
    int length = text.getBytes(StandardCharsets.UTF_8).length;
    if (length < min || length > max || text.chars().anyMatch(Character::isISOControl)) {
      throw new RefusedException(
          "%s has %d to %d bytes and no control characters, this one has %d bytes: choose another"
              .formatted(what, min, max, length));
    }
  }
}
