package org.holdfast.client.catalog;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.holdfast.client.archive.Root;
import org.holdfast.client.archive.RootContent;
import org.holdfast.client.archive.SeenArchive;
import org.holdfast.core.BlockClass;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.MachineId;
import org.holdfast.core.Right;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.Session;
import org.holdfast.seal.KeyFile;
import org.holdfast.seal.Opener;
import org.holdfast.seal.Pair;

/// A machine's archives on a server, read with the right to read.
///
/// Nothing that the server says is believed unless it is signed by the machine: a root must open,
/// be signed, and be of this machine, of the number and kind that the server gives it. What was
/// found of a root may be remembered ([KnownArchives]). One thread at a time.
public final class Catalog implements AutoCloseable {
  private final Session session;
  private final MachineId machine;
  private final RootCheck roots;
  private final Opener opener;
  private final BlockSource blocks;
  private final KnownArchives known;

  private Catalog(
      Session session, MachineId machine, RootCheck roots, Opener opener, KnownArchives known) {
    this.session = session;
    this.machine = machine;
    this.roots = roots;
    this.opener = opener;
    this.known = known;
    this.blocks = new BlockSource(session, machine, opener);
  }

  /// Proves the right to read. The session stays the caller's to close, after the catalog.
  public static Catalog open(Session session, KeyFile keyFile) throws HoldfastException {
    return open(session, keyFile, KnownArchives.none());
  }

  /// The same, with what is known of archives in the machine's part of the cache.
  public static Catalog open(Session session, KeyFile keyFile, Path folder, SecureRandom random)
      throws HoldfastException {
    return open(session, keyFile, KnownArchives.in(folder, keyFile, random));
  }

  private static Catalog open(Session session, KeyFile keyFile, KnownArchives known)
      throws HoldfastException {
    MachineId machine = keyFile.machineId();
    Opener opener = new Opener(keyFile.keys().read());
    session.prove(machine, Right.READ, keyFile.keys().credentialFor(Right.READ).privateKey());
    return new Catalog(session, machine, new RootCheck(keyFile), opener, known);
  }

  /// Where the pages and chunks of the archives come from.
  public BlockSource blocks() {
    return blocks;
  }

  /// All archives. `seen` is the newest that this machine remembers: a server that shows less, or
  /// another in its place, is out of date, or lies, and what it says is refused as a whole.
  public ArchiveList list(Optional<SeenArchive> seen) throws HoldfastException {
    RootListing<ArchiveInfo> all =
        RootListing.of(
            session, machine, blocks, seen, known, (shown, sealed) -> check(shown, sealed).info());
    return new ArchiveList(all.archives(), all.unreadable(), all.warnings(), all.holes());
  }

  /// An archive of the list with its pages.
  public Archive read(ArchiveInfo info) throws HoldfastException {
    Message.Archive shown =
        new Message.Archive(info.root(), info.sequence(), info.committedMillis(), info.partial());
    List<Archive> found = new ArrayList<>();
    blocks.fetch(
        BlockClass.ROOT,
        List.of(info.root()),
        new BlockArrivals<HoldfastException>() {
          @Override
          public void block(int index, ByteBuffer sealed) throws HoldfastException {
            found.add(check(shown, sealed));
          }

          @Override
          public void lost(int index, String reason) throws HoldfastException {
            throw new CorruptException(
                "archive %s cannot be read: its root is lost (%s); choose another archive"
                    .formatted(info.id(), reason));
          }
        });
    return found.getFirst();
  }

  /// Frees the keys of the runs.
  @Override
  public void close() {
    opener.close();
  }

  /// Opens a root and compares it with what the server says of it.
  private Archive check(Message.Archive shown, ByteBuffer sealed) throws HoldfastException {
    Pair pair = blocks.pair(BlockClass.ROOT, shown.root(), sealed);
    Root root = roots.decode(shown, pair.references());
    RootContent content = RootContent.decode(pair.content(), root);
    ArchiveInfo info = ArchiveInfo.of(shown.root(), shown.committedMillis(), root, content);
    return new Archive(info, root, content);
  }
}
