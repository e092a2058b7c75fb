package org.holdfast.sim;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.holdfast.server.index.Batch;

/// The files of an index, as images have them. They are written when the index is linked, and not
/// before; until then it is in its `rows` alone ([SimDisk]).
///
/// ```
/// 000007.sst        rows that have changed since the table before, and a checksum
/// MANIFEST-000009   which tables there are, a line each: name, length, checksum
/// CURRENT           which MANIFEST counts
/// ```
///
/// Tables never change, and no name is given twice. They lie in the index's folder; what is linked
/// is the same file under the same name in another folder, with a MANIFEST and a CURRENT of its
/// own. Now and then all tables become one, as compaction has it.
final class Tables {
  private static final int TABLES_MAX = 3;
  private static final String CURRENT = "CURRENT";

  private final TreeMap<String, Volume.Content> files = new TreeMap<>();

  /// What the tables do not have; empty: it is gone.
  private final TreeMap<byte[], Optional<byte[]>> changed = new TreeMap<>(Arrays::compareUnsigned);

  private int last;

  /// Whether there is an index of files in a folder.
  static boolean areIn(Volume volume, List<String> folder) {
    return volume.find(in(folder, CURRENT)) != null;
  }

  /// A change that only `rows` know.
  void changed(Batch.Change change) {
    if (!files.isEmpty()) {
      changed.put(change.key(), Optional.ofNullable(change.value()));
    }
  }

  /// Links files that hold these rows, those of the index in `own`, into a folder that is made.
  void link(
      Volume volume, List<String> own, List<String> to, DiskUser user, Map<byte[], byte[]> rows)
      throws IOException {
    user.changes();
    volume.add(to, new Volume.Folder());
    if (files.isEmpty() || files.size() == TABLES_MAX) {
      Map<byte[], Optional<byte[]>> all = new TreeMap<>(Arrays::compareUnsigned);
      rows.forEach((key, value) -> all.put(key, Optional.of(value)));
      List<String> replaced = List.copyOf(files.keySet());
      add(volume, own, user, all, replaced);
    } else if (!changed.isEmpty()) {
      add(volume, own, user, changed, List.of());
    }
    StringBuilder lines = new StringBuilder();
    for (Map.Entry<String, Volume.Content> each : files.entrySet()) {
      user.changes();
      volume.add(in(to, each.getKey()), each.getValue());
      lines.append(line(each.getKey(), all(each.getValue()))).append('\n');
    }
    String manifest = "MANIFEST-%06d".formatted(++last);
    user.changes();
    volume.add(in(to, manifest), file(sealed(lines.toString().getBytes(StandardCharsets.UTF_8))));
    user.changes();
    volume.add(in(to, CURRENT), file((manifest + "\n").getBytes(StandardCharsets.UTF_8)));
    volume.folder(to).force();
  }

  /// Adds a table in the place of these, in one step: whoever is killed meanwhile leaves files that
  /// nobody needs, and no more.
  private void add(
      Volume volume,
      List<String> own,
      DiskUser user,
      Map<byte[], Optional<byte[]>> rows,
      List<String> replaced)
      throws IOException {
    if (volume.isFull()) {
      throw new IOException("no space left on device");
    }
    String name = "%06d.sst".formatted(++last);
    Volume.Content table = file(table(rows));
    user.changes();
    volume.add(in(own, name), table);
    volume.folder(own).force();
    files.keySet().removeAll(replaced);
    files.put(name, table);
    changed.clear();
    for (String old : replaced) {
      user.changes();
      volume.delete(in(own, old));
    }
  }

  private static Volume.Content file(byte[] bytes) {
    Volume.Content file = new Volume.Content();
    file.write(0, bytes, bytes.length);
    file.force();
    return file;
  }

  private static byte[] table(Map<byte[], Optional<byte[]>> rows) {
    int length = 0;
    for (var row : rows.entrySet()) {
      length += 2 * Integer.BYTES + row.getKey().length;
      length += row.getValue().map(value -> value.length).orElse(0);
    }
    ByteBuffer out = ByteBuffer.allocate(length);
    for (var row : rows.entrySet()) {
      out.putInt(row.getKey().length).put(row.getKey());
      Optional<byte[]> value = row.getValue();
      out.putInt(value.isPresent() ? value.get().length : -1);
      value.ifPresent(out::put);
    }
    return sealed(out.array());
  }

  /// Opens the files in a folder: those that CURRENT names are there, and as long as they were.
  /// What else is wrong with them is noticed by who reads.
  static Tables open(Volume volume, List<String> folder) throws IOException {
    String manifest = text(content(volume, in(folder, CURRENT))).strip();
    byte[] lines = content(volume, in(folder, manifest));
    if (!isWhole(lines)) {
      throw new IOException("Corruption: " + manifest + " has another checksum");
    }
    Tables opened = new Tables();
    opened.last = Integer.parseInt(manifest.substring(manifest.indexOf('-') + 1));
    for (String line : text(Arrays.copyOf(lines, lines.length - Integer.BYTES)).lines().toList()) {
      String[] words = line.split(" ", -1);
      byte[] table = content(volume, in(folder, words[0]));
      if (!line(words[0], table).startsWith(words[0] + " " + words[1] + " ")) {
        throw new IOException("Corruption: " + words[0] + " is not as long as it was");
      }
      opened.files.put(words[0], (Volume.Content) volume.get(in(folder, words[0])));
    }
    return opened;
  }

  /// Whether they are in the folder still, as whole as they were.
  boolean areWhole(Volume volume, List<String> folder) throws IOException {
    for (String name : files.keySet()) {
      if (!isWhole(content(volume, in(folder, name)))) {
        return false;
      }
    }
    return true;
  }

  /// All rows; those of newer tables count. They are whole.
  void readTo(Map<byte[], byte[]> rows) {
    for (Volume.Content each : files.values()) {
      ByteBuffer in = ByteBuffer.wrap(all(each));
      in.limit(in.limit() - Integer.BYTES);
      while (in.hasRemaining()) {
        byte[] key = take(in, in.getInt());
        int length = in.getInt();
        if (length < 0) {
          rows.remove(key);
        } else {
          rows.put(key, take(in, length));
        }
      }
    }
  }

  private static byte[] take(ByteBuffer in, int length) {
    byte[] bytes = new byte[length];
    in.get(bytes);
    return bytes;
  }

  private static byte[] content(Volume volume, List<String> names) throws IOException {
    if (volume.get(names) instanceof Volume.Content content) {
      return all(content);
    }
    throw new IOException("Is a directory: " + names);
  }

  private static byte[] all(Volume.Content content) {
    return content.read(0, content.length());
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static String line(String name, byte[] bytes) {
    return String.format(Locale.ROOT, "%s %d %08x", name, bytes.length, crc(bytes, bytes.length));
  }

  private static byte[] sealed(byte[] bytes) {
    return ByteBuffer.allocate(bytes.length + Integer.BYTES)
        .put(bytes)
        .putInt(crc(bytes, bytes.length))
        .array();
  }

  private static boolean isWhole(byte[] bytes) {
    int length = bytes.length - Integer.BYTES;
    return length >= 0 && ByteBuffer.wrap(bytes).getInt(length) == crc(bytes, length);
  }

  private static int crc(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }

  private static List<String> in(List<String> folder, String name) {
    List<String> names = new ArrayList<>(folder);
    names.add(name);
    return names;
  }
}
