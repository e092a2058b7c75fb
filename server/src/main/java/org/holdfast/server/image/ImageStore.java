package org.holdfast.server.image;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.ListedObject;
import org.holdfast.bucket.Listing;
import org.holdfast.bucket.PutResult;
import org.holdfast.bucket.Range;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.ServiceId;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.LogKey;
import org.holdfast.log.SegmentId;

/// A shard's images in its bucket.
///
/// ```
/// i/SSSSSSSS/f/HHHH…                       a piece of a file, by its HMAC
/// i/SSSSSSSS/l/EEEEEEEE-NNNNNNNNNNNNNNNN   a list, of the state at the end of a segment
/// ```
///
/// Any thread.
public final class ImageStore {
  private static final HexFormat HEX = HexFormat.of();

  private final Bucket bucket;
  private final ServiceId service;
  private final int shard;
  private final ImageMac mac;
  private final String lists;
  private final String pieces;

  public ImageStore(Bucket bucket, LogKey key, ServiceId service, int shard) {
    this.bucket = bucket;
    this.service = service;
    this.shard = shard;
    this.mac = new ImageMac(key);
    this.lists = "i/" + HEX.toHexDigits(shard) + "/l/";
    this.pieces = "i/" + HEX.toHexDigits(shard) + "/f/";
  }

  /// The keys of all lists, those of the latest positions first; and of what else is among them. Of
  /// more than a page of them, which is nothing that was made here, the first ones.
  public List<String> lists() throws RefusedException, UnavailableException {
    return bucket.list(lists, "", Bucket.MAX_LISTED).objects().stream()
        .map(ListedObject::key)
        .toList()
        .reversed();
  }

  /// The last segment that an image knows; empty if there is none, or none can be read.
  public Optional<SegmentId> newest() throws RefusedException, UnavailableException {
    for (String list : lists()) {
      try {
        return Optional.of(list(list).segment());
      } catch (HoldfastException e) {
        // It says nothing; whoever starts from one says so.
      }
    }
    return Optional.empty();
  }

  /// Throws [CorruptException] if it is not what an owner of this log has put there.
  public ImageList list(String key)
      throws CorruptException, RefusedException, UnavailableException {
    Optional<byte[]> found = bucket.getWhole(key, ImageList.LENGTH_MAX);
    if (found.isEmpty()) {
      throw new CorruptException("it is not there");
    }
    ImageList list = ImageList.decode(found.get(), mac);
    if (!list.service().equals(service) || list.shard() != shard) {
      throw new CorruptException("it is of another service, or shard");
    }
    if (!key(list.segment()).equals(key)) {
      throw new CorruptException("it is of another position");
    }
    return list;
  }

  /// The key of a list.
  public String key(SegmentId segment) {
    return lists + HEX.toHexDigits(segment.epoch()) + '-' + HEX.toHexDigits(segment.number());
  }

  /// Whether it was put; if not, there is one of that position.
  public boolean put(ImageList list) throws RefusedException, UnavailableException {
    ByteBuffer body = ByteBuffer.wrap(list.encode(mac));
    return bucket.putIfAbsent(key(list.segment()), List.of(body)) == PutResult.CREATED;
  }

  /// What a piece of a file is called.
  public Bytes name(ByteBuffer piece) {
    return mac.ofPiece(piece);
  }

  /// Hands the name and length of each piece in the bucket to the sink, a page at a time. What is
  /// among them and is no piece goes with its key.
  public void eachPiece(PieceSink sink) throws HoldfastException {
    String after = "";
    boolean more = true;
    while (more) {
      Listing page = bucket.list(pieces, after, Bucket.MAX_LISTED);
      for (ListedObject object : page.objects()) {
        sink.piece(object.key(), pieceName(object.key()), object.length());
        after = object.key();
      }
      more = page.more();
    }
  }

  private Optional<Bytes> pieceName(String key) {
    String name = key.substring(pieces.length());
    try {
      Bytes found = Bytes.ofHex(name);
      boolean isName = found.length() == ImageMac.LENGTH && pieceKey(found).equals(key);
      return isName ? Optional.of(found) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private String pieceKey(Bytes name) {
    return pieces + HEX.formatHex(name.toArray());
  }

  /// Puts a piece, unless it is there.
  public void put(Bytes name, ByteBuffer piece) throws RefusedException, UnavailableException {
    bucket.putIfAbsent(pieceKey(name), List.of(piece));
  }

  /// Whether the piece is there, and is what its name says.
  public boolean isWhole(Bytes name, int length) throws RefusedException, UnavailableException {
    try {
      return piece(name, length).length == length;
    } catch (CorruptException e) {
      return false;
    }
  }

  /// A piece. Throws [CorruptException] if it is not there, or not what its name says.
  public byte[] piece(Bytes name, int length)
      throws CorruptException, RefusedException, UnavailableException {
    Optional<Range> found = bucket.get(pieceKey(name), 0, length);
    if (found.isEmpty()) {
      throw new CorruptException("object " + pieceKey(name) + " is not there");
    }
    byte[] bytes = found.get().bytes();
    if (found.get().objectLength() != length
        || bytes.length != length
        || !ImageMac.isSame(mac.ofPiece(ByteBuffer.wrap(bytes)), name)) {
      throw new CorruptException("object " + pieceKey(name) + " is not what was put there");
    }
    return bytes;
  }

  /// Deletes a piece that is not what its name says.
  public void drop(Bytes name) throws RefusedException, UnavailableException {
    bucket.delete(pieceKey(name));
  }

  /// Deletes a list, or what is among lists or pieces.
  public void delete(String key) throws RefusedException, UnavailableException {
    bucket.delete(key);
  }

  /// Deletes all pieces but these.
  ///
  /// @param before is called before each request that deletes
  public void keepOnly(Set<Bytes> named, Turn before) throws HoldfastException {
    List<String> unnamed = new ArrayList<>();
    eachPiece((key, name, _) -> {
      if (name.isEmpty() || !named.contains(name.get())) {
        unnamed.add(key);
      }
      if (unnamed.size() == Bucket.MAX_LISTED) {
        deleteAll(unnamed, before);
      }
    });
    deleteAll(unnamed, before);
  }

  private void deleteAll(List<String> keys, Turn before) throws HoldfastException {
    for (String key : keys) {
      before.await();
      bucket.delete(key);
    }
    keys.clear();
  }

  /// Takes what is among the pieces.
  public interface PieceSink {
    void piece(String key, Optional<Bytes> name, long length) throws HoldfastException;
  }

  /// Waits until the next request may be made.
  public interface Turn {
    void await() throws HoldfastException;
  }
}
