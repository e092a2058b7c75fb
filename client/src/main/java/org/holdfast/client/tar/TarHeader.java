package org.holdfast.client.tar;

import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.holdfast.client.archive.Metadata;
import org.holdfast.core.Bytes;

/// The blocks before an entry's content: ustar as POSIX.1-2001 has it and, for what does not fit
/// there, an extended header before it (pax). Records have the bytes of the names as they are,
/// UTF-8 or not, as GNU tar writes and reads them. Used once.
final class TarHeader {
  static final int BLOCK = 512;

  private static final int NAME_LENGTH = 100;
  private static final int OWNER_LENGTH = 31;
  private static final long SEVEN_DIGITS = 07777777;
  private static final long ELEVEN_DIGITS = 077777777777L;
  private static final byte[] NONE = new byte[0];

  private final ByteArrayOutputStream records = new ByteArrayOutputStream();
  private final byte[] block = new byte[BLOCK];
  private final byte[] name;

  /// @param type one of `0` file, `1` hard link, `2` symlink, `3` and `4` devices, `5` folder, `6`
  ///   FIFO
  /// @param size of what follows
  TarHeader(byte[] name, char type, Metadata metadata, byte[] target, long size) {
    this.name = name;
    text("path", 0, NAME_LENGTH, name);
    number(100, 8, metadata.mode());
    owner("uid", 108, metadata.userId());
    owner("gid", 116, metadata.groupId());
    big("size", 124, size);
    time(metadata);
    block[156] = (byte) type;
    text("linkpath", 157, NAME_LENGTH, target);
    put(257, "ustar\00000".getBytes(StandardCharsets.US_ASCII));
    text("uname", 265, OWNER_LENGTH, metadata.userName().toArray());
    text("gname", 297, OWNER_LENGTH, metadata.groupName().toArray());
  }

  void device(int major, int minor) {
    number(329, 8, Integer.toUnsignedLong(major));
    number(337, 8, Integer.toUnsignedLong(minor));
  }

  /// Adds a record to the extended header.
  void record(String key, byte[] value) {
    record(key.getBytes(StandardCharsets.UTF_8), value);
  }

  /// An extended attribute, as star, GNU tar and bsdtar have it.
  void attribute(Bytes attribute, Bytes value) {
    byte[] prefix = "SCHILY.xattr.".getBytes(StandardCharsets.US_ASCII);
    byte[] key = Arrays.copyOf(prefix, prefix.length + attribute.length());
    System.arraycopy(attribute.toArray(), 0, key, prefix.length, attribute.length());
    record(key, value.toArray());
  }

  /// All of it, in whole blocks.
  byte[] encode() {
    byte[] own = sealed(block);
    if (records.size() == 0) {
      return own;
    }
    byte[] extension = records.toByteArray();
    int padded = (extension.length + BLOCK - 1) / BLOCK * BLOCK;
    byte[] all = new byte[BLOCK + padded + BLOCK];
    System.arraycopy(extensionHeader(extension.length), 0, all, 0, BLOCK);
    System.arraycopy(extension, 0, all, BLOCK, extension.length);
    System.arraycopy(own, 0, all, BLOCK + padded, BLOCK);
    return all;
  }

  private byte[] extensionHeader(int length) {
    byte[] header = new byte[BLOCK];
    byte[] last = "PaxHeaders/".getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(last, 0, header, 0, last.length);
    int room = Math.min(NAME_LENGTH - last.length, name.length);
    System.arraycopy(name, name.length - room, header, last.length, room);
    octal(header, 100, 8, 0644);
    octal(header, 108, 8, 0);
    octal(header, 116, 8, 0);
    octal(header, 124, 12, length);
    octal(header, 136, 12, 0);
    header[156] = 'x';
    byte[] magic = "ustar\00000".getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(magic, 0, header, 257, magic.length);
    return sealed(header);
  }

  private void text(String key, int at, int length, byte[] value) {
    put(at, Arrays.copyOf(value, Math.min(length, value.length)));
    boolean isPlain = value.length <= length;
    for (byte each : value) {
      isPlain &= each > 0;
    }
    if (!isPlain) {
      record(key, value);
    }
  }

  private void owner(String key, int at, int id) {
    long number = Integer.toUnsignedLong(id);
    if (number > SEVEN_DIGITS) {
      record(key, ascii(Long.toString(number)));
    }
    number(at, 8, Math.min(number, SEVEN_DIGITS));
  }

  private void big(String key, int at, long number) {
    if (number > ELEVEN_DIGITS) {
      record(key, ascii(Long.toString(number)));
    }
    number(at, 12, Math.min(number, ELEVEN_DIGITS));
  }

  private void time(Metadata metadata) {
    long seconds = metadata.mtimeSeconds();
    number(136, 12, Math.clamp(seconds, 0, ELEVEN_DIGITS));
    if (metadata.mtimeNanos() != 0 || seconds < 0 || seconds > ELEVEN_DIGITS) {
      BigDecimal time =
          BigDecimal.valueOf(seconds).add(BigDecimal.valueOf(metadata.mtimeNanos(), 9));
      record("mtime", ascii(time.stripTrailingZeros().toPlainString()));
    }
  }

  private void number(int at, int length, long number) {
    octal(block, at, length, number);
  }

  private static void octal(byte[] into, int at, int length, long number) {
    byte[] digits = ascii(Long.toOctalString(number));
    Arrays.fill(into, at, at + length - 1, (byte) '0');
    System.arraycopy(digits, 0, into, at + length - 1 - digits.length, digits.length);
  }

  /// Its length counts its own digits.
  private void record(byte[] key, byte[] value) {
    int rest = key.length + value.length + 3;
    int length = rest + Integer.toString(rest).length();
    if (rest + Integer.toString(length).length() != length) {
      length = rest + Integer.toString(length).length();
    }
    records.writeBytes(ascii(length + " "));
    records.writeBytes(key);
    records.write('=');
    records.writeBytes(value);
    records.write('\n');
  }

  private void put(int at, byte[] bytes) {
    System.arraycopy(bytes, 0, block, at, bytes.length);
  }

  private static byte[] sealed(byte[] header) {
    byte[] sealed = header.clone();
    Arrays.fill(sealed, 148, 156, (byte) ' ');
    int sum = 0;
    for (byte each : sealed) {
      sum += each & 0xff;
    }
    octal(sealed, 148, 7, sum);
    sealed[154] = 0;
    return sealed;
  }

  static byte[] noTarget() {
    return NONE;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
