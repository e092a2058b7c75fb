package org.holdfast.client.tidy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.holdfast.client.archive.PageReferences;
import org.holdfast.client.archive.Root;
import org.holdfast.client.archive.SeenArchive;
import org.holdfast.client.catalog.BlockArrivals;
import org.holdfast.client.catalog.BlockSource;
import org.holdfast.client.catalog.RootCheck;
import org.holdfast.client.catalog.RootListing;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.MachineId;
import org.holdfast.core.Right;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.Session;
import org.holdfast.seal.KeyFile;
import org.holdfast.seal.Opener;

/// A machine's archives, read with the right to tidy: references only, no name and no content.
///
/// Nothing that the server says is believed unless it is signed by the machine, as in
/// [org.holdfast.client.catalog.Catalog]; pages are what the roots name, and opening one proves
/// that it is that page. One thread at a time.
public final class TidyCatalog implements AutoCloseable {
  private final Session session;
  private final MachineId machine;
  private final RootCheck roots;
  private final Opener opener;
  private final BlockSource blocks;

  private TidyCatalog(Session session, MachineId machine, RootCheck roots, Opener opener) {
    this.session = session;
    this.machine = machine;
    this.roots = roots;
    this.opener = opener;
    this.blocks = new BlockSource(session, machine, opener);
  }

  /// Proves the right to tidy. The session stays the caller's to close, after the catalog.
  public static TidyCatalog open(Session session, KeyFile keyFile) throws HoldfastException {
    MachineId machine = keyFile.machineId();
    Opener opener = new Opener(keyFile.keys().tidy());
    session.prove(machine, Right.TIDY, keyFile.keys().credentialFor(Right.TIDY).privateKey());
    return new TidyCatalog(session, machine, new RootCheck(keyFile), opener);
  }

  /// All archives. A list that does not go on from what was `seen` is refused as a whole.
  public TidyList list(Optional<SeenArchive> seen) throws HoldfastException {
    RootListing<TidyArchive> all =
        RootListing.of(
            session,
            machine,
            blocks,
            seen,
            (shown, sealed) -> {
              byte[] references = blocks.references(BlockClass.ROOT, shown.root(), sealed);
              Root root = roots.decode(shown, references);
              return RootListing.Read.of(archive(shown, root), root);
            });
    return new TidyList(all);
  }

  /// The names of an archive's pages, each once. Throws [CorruptException] if its root is lost.
  List<BlockName> pages(TidyArchive archive) throws HoldfastException {
    Message.Archive shown =
        new Message.Archive(
            archive.root(), archive.sequence(), archive.committedMillis(), archive.partial());
    List<BlockName> pages = new ArrayList<>();
    fetch(
        BlockClass.ROOT,
        List.of(archive.root()),
        references -> roots.decode(shown, references).pages(),
        pages::addAll,
        (_, reason) -> {
          throw new CorruptException(archive.unreadable(reason).line() + "; nothing was deleted");
        });
    return pages;
  }

  /// Hands on the names of the chunks that each of these pages uses, each once for each page, and
  /// the pages that are lost or damaged.
  void chunks(List<BlockName> pages, ChunkNames sink, BadPage bad) throws HoldfastException {
    fetch(
        BlockClass.PAGE,
        pages,
        references -> PageReferences.decode(Bytes.wrap(references)),
        sink,
        (index, reason) -> bad.page(pages.get(index), reason));
  }

  /// Frees the keys of the runs.
  @Override
  public void close() {
    opener.close();
  }

  private static TidyArchive archive(Message.Archive shown, Root root) {
    return new TidyArchive(
        shown.root(),
        root.sequence(),
        root.previous(),
        shown.committedMillis(),
        root.startMillis(),
        root.endMillis(),
        root.tag(),
        root.entries(),
        root.bytes(),
        root.newBytes(),
        root.pages().size(),
        root.partial());
  }

  private void fetch(
      BlockClass blockClass,
      List<BlockName> names,
      Decoding decoding,
      ChunkNames sink,
      Unreadable unreadable)
      throws HoldfastException {
    blocks.fetch(
        blockClass,
        names,
        new BlockArrivals<HoldfastException>() {
          @Override
          public void block(int index, byte[] sealed) throws HoldfastException {
            List<BlockName> found;
            try {
              found = decoding.decode(blocks.references(blockClass, names.get(index), sealed));
            } catch (CorruptException e) {
              unreadable.take(index, String.valueOf(e.getMessage()));
              return;
            }
            sink.page(found);
          }

          @Override
          public void lost(int index, String reason) throws HoldfastException {
            unreadable.take(index, reason);
          }
        });
  }

  /// Takes in which chunks a page uses.
  interface ChunkNames {
    void page(List<BlockName> chunks) throws HoldfastException;
  }

  /// Takes in a page that cannot be read, and why.
  interface BadPage {
    void page(BlockName page, String reason) throws HoldfastException;
  }

  private interface Decoding {
    List<BlockName> decode(byte[] references) throws HoldfastException;
  }

  private interface Unreadable {
    void take(int index, String reason) throws HoldfastException;
  }
}
