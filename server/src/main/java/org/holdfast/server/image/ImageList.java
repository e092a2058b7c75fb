package org.holdfast.server.image;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.Invariant;
import org.holdfast.core.ServiceId;
import org.holdfast.log.SegmentId;
import org.holdfast.log.StateDigest;
import org.holdfast.server.state.Fingerprint;
import org.holdfast.server.state.Position;

/// An image: of which position, when it was made by its owner's clock, and which files it consists
/// of.
///
/// ```
/// magic 4 "HFIM" | version 1 | service 16 | shard 4 | epoch 4 | segment 8 | next record 8
/// digest 16 | checksum 8 | made 8 | files 4 | file...   | HMAC 32 over all before it
/// file: name length 1 | name | length 8 | HMAC 32 of each piece
/// ```
public record ImageList(
    ServiceId service, int shard, Position position, long madeMillis, List<ImageFile> files) {
  /// Of more, and longer, files than these no image is made, and none is taken: what names them is
  /// held in memory. Some 240 GB.
  public static final int PIECES_MAX = 30_000;

  /// An index of as many pieces, with a file for each, has a shorter list.
  static final int LENGTH_MAX = 4 << 20;

  private static final int MAGIC = 0x4846494d;
  private static final byte VERSION = 1;
  private static final int START_LENGTH = 4 + 1 + ServiceId.LENGTH + 4 + 4 + 8 + 8 + 16 + 8 + 8 + 4;
  private static final int FILE_LENGTH = 1 + 8;

  public ImageList {
    Invariant.check(position.epoch() >= 1, "an image is of some segment's end");
    files = List.copyOf(files);
  }

  /// The segment at whose end it is.
  public SegmentId segment() {
    return position.segmentId(shard);
  }

  /// The length of all files in bytes.
  public long bytes() {
    return files.stream().mapToLong(ImageFile::length).sum();
  }

  byte[] encode(ImageMac mac) {
    Invariant.check(files.size() <= PIECES_MAX && pieces() <= PIECES_MAX, "a list is bounded");
    int length = START_LENGTH + ImageMac.LENGTH * (int) (1 + pieces());
    for (ImageFile file : files) {
      length += FILE_LENGTH + file.name().length();
    }
    ByteBuffer out = ByteBuffer.allocate(length);
    out.putInt(MAGIC).put(VERSION);
    service.bytes().putInto(out);
    out.putInt(shard).putInt(position.epoch()).putLong(position.segment());
    out.putLong(position.nextRecord());
    StateDigest digest = position.digest();
    out.putLong(digest.high()).putLong(digest.low()).putLong(position.rows().checksum());
    out.putLong(madeMillis).putInt(files.size());
    for (ImageFile file : files) {
      byte[] name = file.name().getBytes(StandardCharsets.US_ASCII);
      out.put((byte) name.length).put(name).putLong(file.length());
      file.pieces().forEach(piece -> piece.putInto(out));
    }
    mac.ofList(ByteBuffer.wrap(out.array(), 0, out.position())).putInto(out);
    return out.array();
  }

  private long pieces() {
    return files.stream().mapToLong(file -> file.pieces().size()).sum();
  }

  static ImageList decode(byte[] list, ImageMac mac) throws CorruptException {
    int end = list.length - ImageMac.LENGTH;
    if (end < START_LENGTH) {
      throw new CorruptException("it is too short");
    }
    Bytes found = Bytes.copyOf(list, end, list.length);
    if (!ImageMac.isSame(mac.ofList(ByteBuffer.wrap(list, 0, end)), found)) {
      throw new CorruptException("its HMAC is wrong");
    }
    try {
      return decode(ByteBuffer.wrap(list, 0, end));
    } catch (BufferUnderflowException e) {
      throw new CorruptException("it ends in the middle", e);
    }
  }

  private static ImageList decode(ByteBuffer in) throws CorruptException {
    check(in.getInt() == MAGIC, "it is no list");
    check(in.get() == VERSION, "it is of another version");
    ServiceId service = ServiceId.of(take(in, ServiceId.LENGTH));
    int shard = in.getInt();
    int epoch = in.getInt();
    long segment = in.getLong();
    long nextRecord = in.getLong();
    check(shard >= 0 && epoch >= 1 && segment >= 1 && nextRecord >= 1, "it is of no position");
    StateDigest digest = new StateDigest(in.getLong(), in.getLong());
    Fingerprint rows = new Fingerprint(digest, in.getLong());
    long madeMillis = in.getLong();
    List<ImageFile> files = files(in);
    check(!in.hasRemaining(), "something follows");
    Position position = new Position(epoch, segment, nextRecord, rows);
    return new ImageList(service, shard, position, madeMillis, files);
  }

  private static List<ImageFile> files(ByteBuffer in) throws CorruptException {
    int count = in.getInt();
    check(count >= 0 && count <= PIECES_MAX, "it has no such number of files");
    List<ImageFile> files = new ArrayList<>();
    Set<String> names = new HashSet<>();
    int left = PIECES_MAX;
    for (int i = 0; i < count; i++) {
      String name = new String(take(in, in.get() & 0xff), StandardCharsets.US_ASCII);
      check(ImageFile.isName(name), "it names a file that no index has");
      check(names.add(name), "it names a file twice");
      long length = in.getLong();
      check(length >= 0 && ImageFile.pieces(length) <= left, "it is of more than may be");
      List<Bytes> pieces = new ArrayList<>();
      for (long each = ImageFile.pieces(length); each > 0; each--) {
        pieces.add(Bytes.wrap(take(in, ImageMac.LENGTH)));
      }
      left -= pieces.size();
      files.add(new ImageFile(name, length, pieces));
    }
    return files;
  }

  private static byte[] take(ByteBuffer in, int length) {
    if (length > in.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] bytes = new byte[length];
    in.get(bytes);
    return bytes;
  }

  private static void check(boolean holds, String what) throws CorruptException {
    if (!holds) {
      throw new CorruptException(what);
    }
  }
}
