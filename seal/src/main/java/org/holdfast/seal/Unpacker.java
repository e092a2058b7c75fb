package org.holdfast.seal;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.nio.ByteBuffer;
import org.holdfast.core.CorruptException;
import org.jspecify.annotations.Nullable;

/// Undoes [Packer]. Never gives more than was stated, nor states more than `rawMax`.
///
/// For one thread at a time; keep and reuse. Holds memory outside the heap until it is closed.
final class Unpacker implements AutoCloseable {
  /// Made when something is compressed: names of blocks never are, and to load it takes 0.1 s.
  private @Nullable ZstdDecompressCtx zstd;

  private byte[] out = new byte[0];

  /// What it returns is part of `plain`, or good until the next call.
  ByteBuffer unpack(byte[] plain, int length, int rawMax) throws CorruptException {
    if (length < Packer.PREFIX) {
      throw new CorruptException("sealed part is too short inside");
    }
    ByteBuffer in = ByteBuffer.wrap(plain, 0, length);
    int compression = in.get();
    int raw = in.getInt();
    int payload = in.getInt();
    boolean fits = raw >= 0 && raw <= rawMax && payload >= 0 && payload <= in.remaining();
    if (!fits || Padme.pad(Packer.AROUND + Packer.PREFIX + payload) != Packer.AROUND + length) {
      throw new CorruptException("sealed part states lengths that it does not have");
    }
    for (int i = Packer.PREFIX + payload; i < length; i++) {
      if (plain[i] != 0) {
        throw new CorruptException("sealed part has padding that is not zero");
      }
    }
    return switch (compression) {
      case Packer.RAW -> raw(plain, raw, payload);
      case Packer.ZSTD -> decompress(plain, raw, payload);
      default -> throw new CorruptException("no compression " + compression);
    };
  }

  private static ByteBuffer raw(byte[] plain, int raw, int payload) throws CorruptException {
    if (raw != payload) {
      throw new CorruptException("sealed part states two lengths");
    }
    return ByteBuffer.wrap(plain, Packer.PREFIX, raw);
  }

  private ByteBuffer decompress(byte[] plain, int raw, int payload) throws CorruptException {
    if (out.length < raw) {
      out = new byte[raw];
    }
    ZstdDecompressCtx context = zstd;
    if (context == null) {
      context = new ZstdDecompressCtx();
      zstd = context;
    }
    try {
      int got = context.decompressByteArray(out, 0, raw, plain, Packer.PREFIX, payload);
      if (got != raw) {
        throw new CorruptException("sealed part decompresses to " + got + " bytes, not " + raw);
      }
      return ByteBuffer.wrap(out, 0, raw);
    } catch (ZstdException e) {
      throw new CorruptException("sealed part does not decompress", e);
    }
  }

  @Override
  public void close() {
    if (zstd != null) {
      zstd.close();
    }
  }
}
