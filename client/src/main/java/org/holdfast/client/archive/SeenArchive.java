package org.holdfast.client.archive;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.holdfast.core.BlockName;
import org.holdfast.core.CorruptException;
import org.holdfast.core.FileReason;
import org.holdfast.core.Folders;
import org.holdfast.core.Invariant;
import org.holdfast.core.RefusedException;
import org.jspecify.annotations.Nullable;

/// The newest archive that this machine has committed, in the file `seen` of its cache folder: what
/// a server shows is no older, or the server has lost or hides something.
///
/// If this machine deletes it, the number and root stay, as the server still counts on from them,
/// and `left` becomes the newest one that must still be shown.
///
/// Only who commits writes it, and nothing that a server says removes it. `docs/format-archive.md`
/// has the bytes. An I/O edge; the file is replaced in one step and is on the disk after [#write].
///
/// @param leftSequence the newest whole archive that this machine has left there; 0 if it left none
/// @param left its root; [Root#NO_ROOT] if there is none
/// @param file where it stands, for messages
public record SeenArchive(
    long sequence, BlockName root, long leftSequence, BlockName left, Path file) {
  private static final String NAME = "seen";
  private static final byte[] MAGIC = "HFSEEN02".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] OLD_MAGIC = "HFSEEN01".getBytes(StandardCharsets.US_ASCII);
  private static final int ARCHIVE_LENGTH = Long.BYTES + BlockName.LENGTH;
  private static final int SUMMED_LENGTH = MAGIC.length + 2 * ARCHIVE_LENGTH;
  private static final int LENGTH = SUMMED_LENGTH + Integer.BYTES;

  public SeenArchive {
    Invariant.check(sequence >= 1, "archives are numbered from 1");
    Invariant.check(leftSequence >= 0 && leftSequence <= sequence, "none is newer than the newest");
    Invariant.check((leftSequence == 0) == left.equals(Root.NO_ROOT), "a root for each number");
    Invariant.check(leftSequence < sequence || left.equals(root), "one archive for each number");
  }

  /// What is to be remembered in that folder from now on.
  public static SeenArchive of(Path folder, long sequence, BlockName root) {
    return new SeenArchive(sequence, root, sequence, root, folder.resolve(NAME));
  }

  /// The same after this machine has deleted archives: the newest whole one that is left, 0 and
  /// [Root#NO_ROOT] if none is.
  public SeenArchive leaving(long newestSequence, BlockName newest) {
    return new SeenArchive(sequence, root, newestSequence, newest, file);
  }

  /// What that folder remembers; nothing if it never saw a commit, or is not there.
  ///
  /// Throws [CorruptException] if the file is damaged, since it would be as well to have forgotten.
  public static Optional<SeenArchive> read(Path folder) throws CorruptException, RefusedException {
    Path file = folder.resolve(NAME);
    try {
      return Optional.of(decode(Files.readAllBytes(file), file));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new RefusedException(
          file
              + " cannot be read ("
              + FileReason.of(e)
              + "): choose another cache folder with --cache",
          e);
    }
  }

  static SeenArchive decode(byte[] array, Path file) throws CorruptException {
    ByteBuffer bytes = ByteBuffer.wrap(array);
    if (startsWith(array, OLD_MAGIC)) {
      throw new CorruptException(
          "what this machine remembers of its last archive is of an older version of Holdfast:"
              + " check that `holdfast archives` shows what you expect, then delete "
              + file);
    }
    if (array.length != LENGTH
        || !startsWith(array, MAGIC)
        || bytes.getInt(SUMMED_LENGTH) != ListFormat.checksum(bytes.slice(0, SUMMED_LENGTH))) {
      throw damaged(file);
    }
    bytes.position(MAGIC.length);
    long sequence = bytes.getLong();
    BlockName root = name(bytes);
    long leftSequence = bytes.getLong();
    BlockName left = name(bytes);
    if (sequence < 1
        || leftSequence < 0
        || leftSequence > sequence
        || (leftSequence == 0) != left.equals(Root.NO_ROOT)
        || (leftSequence == sequence && !left.equals(root))) {
      throw damaged(file);
    }
    return new SeenArchive(sequence, root, leftSequence, left, file);
  }

  private static boolean startsWith(byte[] array, byte[] magic) {
    return array.length >= magic.length
        && Arrays.equals(array, 0, magic.length, magic, 0, magic.length);
  }

  private static BlockName name(ByteBuffer bytes) {
    byte[] name = new byte[BlockName.LENGTH];
    bytes.get(name);
    return BlockName.of(name);
  }

  private static CorruptException damaged(Path file) {
    return new CorruptException(
        "what this machine remembers of its last archive is damaged: check that `holdfast"
            + " archives` shows what you expect, then delete "
            + file);
  }

  byte[] encode() {
    ByteBuffer bytes = ByteBuffer.allocate(LENGTH);
    bytes.put(MAGIC).putLong(sequence).put(root.bytes().toArray());
    bytes.putLong(leftSequence).put(left.bytes().toArray());
    return bytes.putInt(ListFormat.checksum(bytes.slice(0, SUMMED_LENGTH))).array();
  }

  /// Remembers this, in the place of what was there.
  public void write() throws IOException {
    Folders.replace(file, ByteBuffer.wrap(encode()));
  }

  /// Throws [CorruptException] if what a server shows does not go on from this: its highest number,
  /// and its archive of this number, if it shows one.
  public void check(long highest, @Nullable BlockName sameNumber) throws CorruptException {
    if (highest < sequence) {
      throw refusal(
          "has lost or hides archives: this machine has committed archive number %d, the server's"
                  .formatted(sequence)
              + " newest is number "
              + highest);
    }
    if (sameNumber != null && !sameNumber.equals(root)) {
      throw refusal(
          "shows another archive number %d than the one that this machine has committed (%s)"
              .formatted(sequence, root.toString().substring(0, 12)));
    }
  }

  /// For a server that shows archives, even later ones, but not the one that must be there.
  public CorruptException withheld() {
    return refusal(
        "hides archive number %d (%s), which this machine has committed and not deleted,"
                .formatted(leftSequence, left.toString().substring(0, 12))
            + " and does not say that it was deleted");
  }

  /// One line for who only knows that the archive that must be there is not.
  public String deletedElsewhere() {
    String id = left.toString().substring(0, 12);
    return ("archive number %d (%s), the newest that this machine has made and not deleted, is"
            + " gone: it was deleted, and not from here. If it was not you, `holdfast undelete"
            + " %s` brings it back; `holdfast undelete --list` says until when")
        .formatted(leftSequence, id, id);
  }

  private CorruptException refusal(String what) {
    return new CorruptException(
        "the server "
            + what
            + ". Do not rely on it, and ask its operator; to go on regardless, delete "
            + file);
  }
}
