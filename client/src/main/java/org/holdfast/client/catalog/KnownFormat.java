package org.holdfast.client.catalog;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.archive.RootContent;
import org.holdfast.core.BlockName;
import org.holdfast.core.CorruptException;

/// The plain bytes of [KnownArchives]' file. `docs/format-archive.md` has them.
final class KnownFormat {
  private static final int VERSION = 1;

  /// One archive's share, so that no odd one takes the room of all others.
  private static final int ARCHIVE_BYTES_MAX = 1 << 16;

  private KnownFormat() {}

  /// As many of them as fit, from the first on.
  static byte[] encode(List<ArchiveInfo> archives, int bytesMax) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(VERSION);
    for (ArchiveInfo each : archives) {
      byte[] one = encode(each);
      if (one.length > ARCHIVE_BYTES_MAX) {
        continue;
      }
      if (bytes.size() + one.length > bytesMax) {
        break;
      }
      bytes.write(one);
    }
    return bytes.toByteArray();
  }

  /// Throws [CorruptException] for anything that [#encode] does not make.
  static List<ArchiveInfo> decode(byte[] bytes) throws CorruptException {
    List<ArchiveInfo> archives = new ArrayList<>();
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      if (in.read() != VERSION) {
        throw new CorruptException("what is known of archives is of another version");
      }
      while (in.available() > 0) {
        archives.add(archive(in));
      }
      return archives;
    } catch (IOException e) {
      throw new CorruptException("what is known of archives is cut short", e);
    }
  }

  private static byte[] encode(ArchiveInfo info) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.write(info.root().bytes().toArray());
    out.write(info.previous().bytes().toArray());
    out.writeLong(info.sequence());
    out.writeLong(info.startMillis());
    out.writeLong(info.endMillis());
    out.writeLong(info.entries());
    out.writeLong(info.bytes());
    out.writeLong(info.newBytes());
    out.writeLong(info.unreadable());
    out.writeInt(info.pages());
    out.writeBoolean(info.partial());
    for (String text : List.of(info.name(), info.host(), info.user(), info.tag())) {
      text(out, text);
    }
    out.writeInt(info.tags().size());
    for (String each : info.tags()) {
      text(out, each);
    }
    out.writeInt(info.paths().size());
    for (ArchivePath each : info.paths()) {
      bytes(out, each.toArray());
    }
    return bytes.toByteArray();
  }

  private static ArchiveInfo archive(DataInputStream in) throws IOException, CorruptException {
    BlockName root = name(in);
    BlockName previous = name(in);
    long sequence = in.readLong();
    long startMillis = in.readLong();
    long endMillis = in.readLong();
    long entries = in.readLong();
    long bytes = in.readLong();
    long newBytes = in.readLong();
    long unreadable = in.readLong();
    int pages = in.readInt();
    boolean partial = in.readBoolean();
    String name = text(in);
    String host = text(in);
    String user = text(in);
    String tag = text(in);
    List<String> tags = new ArrayList<>();
    for (int left = count(in, RootContent.TAGS_MAX); left > 0; left--) {
      tags.add(text(in));
    }
    List<ArchivePath> paths = new ArrayList<>();
    for (int left = count(in, RootContent.PATHS_MAX); left > 0; left--) {
      paths.add(ArchivePath.of(bytes(in)));
    }
    return new ArchiveInfo(
        root,
        name,
        sequence,
        previous,
        0,
        startMillis,
        endMillis,
        host,
        user,
        tag,
        tags,
        paths,
        entries,
        bytes,
        newBytes,
        unreadable,
        pages,
        partial);
  }

  private static BlockName name(DataInputStream in) throws IOException {
    byte[] name = new byte[BlockName.LENGTH];
    in.readFully(name);
    return BlockName.of(name);
  }

  private static void text(DataOutputStream out, String text) throws IOException {
    bytes(out, text.getBytes(StandardCharsets.UTF_8));
  }

  private static String text(DataInputStream in) throws IOException, CorruptException {
    return new String(bytes(in), StandardCharsets.UTF_8);
  }

  private static void bytes(DataOutputStream out, byte[] bytes) throws IOException {
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static byte[] bytes(DataInputStream in) throws IOException, CorruptException {
    byte[] bytes = new byte[count(in, ARCHIVE_BYTES_MAX)];
    in.readFully(bytes);
    return bytes;
  }

  private static int count(DataInputStream in, int max) throws IOException, CorruptException {
    int count = in.readInt();
    if (count < 0 || count > max) {
      throw new CorruptException("what is known of archives has a number out of bounds");
    }
    return count;
  }
}
