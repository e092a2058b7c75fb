package org.holdfast.server;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.holdfast.bucket.Bucket;
import org.holdfast.core.Bytes;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.ServiceId;
import org.holdfast.log.LogKey;
import org.holdfast.server.image.ImageBytes;
import org.holdfast.server.image.ImageFile;
import org.holdfast.server.image.ImageList;
import org.holdfast.server.state.Position;

/// What may become of an image.
enum ImageHarm {
  LIST_IS_GONE,
  LIST_IS_CUT,
  LIST_HAS_A_FLIPPED_BIT,
  LIST_IS_FORGED,
  LIST_IS_OF_ANOTHER_SERVICE,
  LIST_IS_OF_ANOTHER_SHARD,
  LIST_IS_OF_ANOTHER_POSITION,
  LIST_SAYS_OTHER_ROWS,
  LIST_LACKS_A_FILE,
  PIECE_IS_GONE,
  PIECE_IS_CUT,
  PIECE_IS_LONGER,
  PIECE_HAS_A_FLIPPED_BIT;

  /// What is told of it: nothing of what is not there.
  String why() {
    return switch (this) {
      case LIST_IS_GONE -> "";
      case LIST_IS_CUT, LIST_HAS_A_FLIPPED_BIT, LIST_IS_FORGED -> "its HMAC is wrong";
      case LIST_IS_OF_ANOTHER_SERVICE, LIST_IS_OF_ANOTHER_SHARD -> "of another service, or shard";
      case LIST_IS_OF_ANOTHER_POSITION -> "of another position";
      case LIST_SAYS_OTHER_ROWS -> "not what its list says";
      case LIST_LACKS_A_FILE -> "cannot be opened";
      case PIECE_IS_GONE -> "is not there";
      case PIECE_IS_CUT, PIECE_IS_LONGER, PIECE_HAS_A_FLIPPED_BIT -> "not what was put there";
    };
  }

  void at(Bucket bucket, String key) throws HoldfastException {
    byte[] bytes = ImageBucket.bytes(bucket, key);
    ImageList list = ImageBytes.decode(bytes, World.KEY);
    switch (this) {
      case LIST_IS_GONE -> bucket.delete(key);
      case LIST_IS_CUT -> replace(bucket, key, bytes, bytes.length - 40);
      case LIST_HAS_A_FLIPPED_BIT -> {
        bytes[60] ^= 1;
        ImageBucket.replace(bucket, key, bytes);
      }
      case LIST_IS_FORGED -> {
        byte[] guessed = new byte[LogKey.LENGTH];
        guessed[0] = 1;
        LogKey other = new LogKey(Bytes.wrap(guessed));
        ImageBucket.replace(bucket, key, ImageBytes.encode(list, other));
      }
      case LIST_IS_OF_ANOTHER_SERVICE -> {
        byte[] id = new byte[ServiceId.LENGTH];
        id[3] = 1;
        put(bucket, key, new ImageList(ServiceId.of(id), 0, list.position(), 1, list.files()));
      }
      case LIST_IS_OF_ANOTHER_SHARD ->
          put(bucket, key, new ImageList(list.service(), 1, list.position(), 1, list.files()));
      case LIST_IS_OF_ANOTHER_POSITION -> {
        Position at = list.position();
        Position other = new Position(at.epoch(), at.segment() - 1, at.nextRecord() - 1, at.rows());
        put(bucket, key, new ImageList(list.service(), 0, other, 1, list.files()));
      }
      case LIST_SAYS_OTHER_ROWS -> {
        Position at = list.position();
        Position other = new Position(at.epoch(), at.segment(), at.nextRecord() + 1, at.rows());
        put(bucket, key, new ImageList(list.service(), 0, other, 1, list.files()));
      }
      case LIST_LACKS_A_FILE -> {
        List<ImageFile> files =
            list.files().stream().filter(file -> !file.name().equals(last(list).name())).toList();
        put(bucket, key, new ImageList(list.service(), 0, list.position(), 1, files));
      }
      case PIECE_IS_GONE -> bucket.delete(piece(list));
      case PIECE_IS_CUT -> {
        byte[] piece = ImageBucket.bytes(bucket, piece(list));
        replace(bucket, piece(list), piece, piece.length - 1);
      }
      case PIECE_IS_LONGER -> {
        byte[] piece = ImageBucket.bytes(bucket, piece(list));
        replace(bucket, piece(list), piece, piece.length + 1);
      }
      case PIECE_HAS_A_FLIPPED_BIT -> {
        byte[] piece = ImageBucket.bytes(bucket, piece(list));
        piece[piece.length / 2] ^= 1;
        ImageBucket.replace(bucket, piece(list), piece);
      }
    }
  }

  private static void put(Bucket bucket, String key, ImageList list) throws HoldfastException {
    ImageBucket.replace(bucket, key, ImageBytes.encode(list, World.KEY));
  }

  private static void replace(Bucket bucket, String key, byte[] bytes, int length)
      throws HoldfastException {
    ImageBucket.replace(bucket, key, Arrays.copyOf(bytes, length));
  }

  /// The newest of its tables, which an older image does not have.
  private static ImageFile last(ImageList list) {
    return list.files().stream()
        .filter(file -> file.name().endsWith(".sst"))
        .reduce((_, next) -> next)
        .orElseThrow();
  }

  private static String piece(ImageList list) {
    HexFormat hex = HexFormat.of();
    return "i/00000000/f/" + hex.formatHex(last(list).pieces().getFirst().toArray());
  }
}
