package org.holdfast.client.archive;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.UnaryOperator;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.Invariant;
import org.holdfast.core.MachineId;

/// The signed part of an archive's head: enough to keep or delete it, without a single name.
///
/// The signature covers everything here and, through `contentHash`, the [RootContent]. `sequence`
/// and `previous` chain the archives of a machine, so that one that is withheld is missed.
/// `docs/format-archive.md` has the bytes.
///
/// @param sequence from 1
/// @param previous the root before this one; zeros if and only if the sequence is 1
/// @param startMillis since 1970, by the client's clock
/// @param partial whether this is a checkpoint of a backup that went on
/// @param tag what retention groups archives by
/// @param entries in all pages
/// @param bytes of all regular files
/// @param newBytes sealed length of the blocks that the backup stored, besides the root
/// @param contentHash SHA-256 of the encoded [RootContent]
/// @param pages in order, each once
public record Root(
    MachineId machine,
    long sequence,
    BlockName previous,
    long startMillis,
    long endMillis,
    boolean partial,
    String tag,
    long entries,
    long bytes,
    long newBytes,
    Bytes contentHash,
    List<BlockName> pages) {

  /// The predecessor of a machine's first archive.
  public static final BlockName NO_ROOT = BlockName.of(new byte[BlockName.LENGTH]);

  /// Longest tag in bytes of UTF-8.
  public static final int TAG_LENGTH_MAX = 255;

  /// Longest signature in bytes; Ed25519 and ML-DSA-65 together take 3,373.
  public static final int SIGNATURE_LENGTH_MAX = 8_192;

  private static final int VERSION = 1;
  private static final int HASH_LENGTH = 32;
  private static final byte[] SIGNED_PREFIX =
      "holdfast root 1\0".getBytes(StandardCharsets.US_ASCII);

  public Root {
    pages = List.copyOf(pages);
    Invariant.check(sequence >= 1, "archives are numbered from 1");
    Invariant.check((sequence == 1) == previous.equals(NO_ROOT), "only the first has no previous");
    Invariant.check(startMillis >= 0 && endMillis >= 0, "times are not before 1970");
    Invariant.check(entries >= 0 && bytes >= 0 && newBytes >= 0, "totals are not negative");
    Invariant.check(contentHash.length() == HASH_LENGTH, "length of the content's hash");
    Invariant.check(RootContent.isText(tag, 0, TAG_LENGTH_MAX), "length of a tag");
  }

  /// What the signature is made over.
  public byte[] signedBytes() {
    return signed(body());
  }

  /// The references part. `sign` makes the signature over the bytes it is given.
  public byte[] encode(UnaryOperator<byte[]> sign) {
    byte[] body = body();
    byte[] signature = sign.apply(signed(body));
    Invariant.check(
        signature.length >= 1 && signature.length <= SIGNATURE_LENGTH_MAX, "signature's length");
    Sink sink = new Sink(body.length + signature.length + 10);
    sink.raw(body, 0, body.length);
    sink.bytes(signature, 0, signature.length);
    return sink.toArray();
  }

  /// Reads a references part whose signature `verify` (bytes, signature) accepts.
  public static Root decode(byte[] part, BiPredicate<byte[], byte[]> verify)
      throws CorruptException {
    Source source = new Source("an archive's root", part);
    Root root = decodeBody(source);
    byte[] body = Arrays.copyOf(part, source.position());
    byte[] signature = source.raw(source.count(1, SIGNATURE_LENGTH_MAX));
    source.end();
    if (!verify.test(signed(body), signature)) {
      throw new CorruptException(
          "an archive's root is not signed by its machine; do not trust this archive");
    }
    return root;
  }

  private static Root decodeBody(Source source) throws CorruptException {
    source.version(VERSION);
    MachineId machine = new MachineId(source.rawBytes(MachineId.LENGTH));
    long sequence = source.u63();
    BlockName previous = new BlockName(source.rawBytes(BlockName.LENGTH));
    if (sequence == 0 || (sequence == 1) != previous.equals(NO_ROOT)) {
      throw source.fault("its place in the chain of archives is impossible");
    }
    long startMillis = source.u63();
    long endMillis = source.u63();
    int partial = source.u8();
    if (partial > 1) {
      throw source.fault("a number is out of bounds");
    }
    String tag = source.text(0, TAG_LENGTH_MAX);
    long entries = source.varint();
    long bytes = source.varint();
    long newBytes = source.varint();
    Bytes contentHash = source.rawBytes(HASH_LENGTH);
    List<BlockName> pages = PageReferences.names(source, source.varint());
    return new Root(
        machine,
        sequence,
        previous,
        startMillis,
        endMillis,
        partial == 1,
        tag,
        entries,
        bytes,
        newBytes,
        contentHash,
        pages);
  }

  private byte[] body() {
    Sink sink = new Sink(256 + pages.size() * BlockName.LENGTH);
    sink.u8(VERSION);
    sink.raw(machine.bytes());
    sink.u64(sequence);
    sink.raw(previous.bytes());
    sink.u64(startMillis);
    sink.u64(endMillis);
    sink.u8(partial ? 1 : 0);
    sink.text(tag);
    sink.varint(entries);
    sink.varint(bytes);
    sink.varint(newBytes);
    sink.raw(contentHash);
    sink.varint(pages.size());
    for (BlockName each : pages) {
      sink.raw(each.bytes());
    }
    return sink.toArray();
  }

  private static byte[] signed(byte[] body) {
    byte[] signed = Arrays.copyOf(SIGNED_PREFIX, SIGNED_PREFIX.length + body.length);
    System.arraycopy(body, 0, signed, SIGNED_PREFIX.length, body.length);
    return signed;
  }
}
