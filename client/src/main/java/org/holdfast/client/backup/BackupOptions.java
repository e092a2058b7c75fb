package org.holdfast.client.backup;

import java.util.List;

/// What a backup is asked to say of itself, and how hard to compress.
///
/// @param name the archive's, 1 to 255 bytes of UTF-8
/// @param tags for people to find it by
/// @param retentionTag what retention groups archives by; a tidy key can read it
/// @param level of zstd
public record BackupOptions(
    String name,
    List<String> tags,
    String retentionTag,
    String host,
    String user,
    String program,
    int level) {
  public BackupOptions {
    tags = List.copyOf(tags);
  }
}
