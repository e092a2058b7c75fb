package org.holdfast.client.archive;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import org.holdfast.core.BlockName;
import org.holdfast.core.MachineId;
import org.holdfast.core.TransactionId;

/// The numbers of the list's format; `docs/format-archive.md` says what they mean.
final class ListFormat {
  static final byte[] MAGIC = "HFLIST02".getBytes(StandardCharsets.US_ASCII);

  /// Of the digest of the paths asked for.
  static final int PATHS_LENGTH = 32;

  static final int HEADER_LENGTH =
      MAGIC.length + MachineId.LENGTH + TransactionId.LENGTH + PATHS_LENGTH + Long.BYTES;

  /// Two lengths and a checksum before each page.
  static final int PAGE_HEADER_LENGTH = 3 * Integer.BYTES;

  /// Stands where a page's length would, and is none.
  static final int TRAILER_MARK = 0xffff_ffff;

  static final int TRAILER_LENGTH =
      Integer.BYTES + BlockName.LENGTH + 3 * Long.BYTES + Integer.BYTES;

  private ListFormat() {}

  /// CRC32C over all of these bytes, one after the other.
  static int checksum(ByteBuffer... parts) {
    CRC32C sum = new CRC32C();
    for (ByteBuffer each : parts) {
      sum.update(each.duplicate());
    }
    return (int) sum.getValue();
  }
}
