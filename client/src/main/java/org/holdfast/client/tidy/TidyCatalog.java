package org.holdfast.client.tidy;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.holdfast.client.archive.PageReferences;
import org.holdfast.client.archive.Root;
import org.holdfast.client.archive.RootContent;
import org.holdfast.client.archive.SeenArchive;
import org.holdfast.client.catalog.ArchiveInfo;
import org.holdfast.client.catalog.BlockArrivals;
import org.holdfast.client.catalog.BlockSource;
import org.holdfast.client.catalog.KnownArchives;
import org.holdfast.client.catalog.RootCheck;
import org.holdfast.client.catalog.RootListing;
import org.holdfast.client.catalog.UnreadableArchive;
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
import org.holdfast.seal.Pair;

/// A machine's archives, read with the right to tidy: references only, and no name unless the key
/// can read as well.
///
/// Nothing that the server says is believed unless it is signed by the machine, as in
/// [org.holdfast.client.catalog.Catalog]; pages are what the roots name, and opening one proves
/// that it is that page. What was found of a root may be remembered ([KnownArchives]). One thread
/// at a time.
public final class TidyCatalog implements AutoCloseable {
  private final Session session;
  private final MachineId machine;
  private final RootCheck roots;
  private final Opener opener;
  private final BlockSource blocks;
  private final boolean names;
  private final KnownArchives known;

  private TidyCatalog(
      Session session,
      MachineId machine,
      RootCheck roots,
      Opener opener,
      boolean names,
      KnownArchives known) {
    this.session = session;
    this.machine = machine;
    this.roots = roots;
    this.opener = opener;
    this.names = names;
    this.known = known;
    this.blocks = new BlockSource(session, machine, opener);
  }

  /// Proves the right to tidy. The session stays the caller's to close, after the catalog.
  public static TidyCatalog open(Session session, KeyFile keyFile) throws HoldfastException {
    return open(session, keyFile, KnownArchives.none());
  }

  /// The same, with what is known of archives in the machine's part of the cache.
  public static TidyCatalog open(Session session, KeyFile keyFile, Path folder, SecureRandom random)
      throws HoldfastException {
    return open(session, keyFile, KnownArchives.in(folder, keyFile, random));
  }

  private static TidyCatalog open(Session session, KeyFile keyFile, KnownArchives known)
      throws HoldfastException {
    MachineId machine = keyFile.machineId();
    boolean names = keyFile.keys().rights().contains(Right.READ);
    Opener opener = names ? new Opener(keyFile.keys().read()) : new Opener(keyFile.keys().tidy());
    session.prove(machine, Right.TIDY, keyFile.keys().credentialFor(Right.TIDY).privateKey());
    return new TidyCatalog(session, machine, new RootCheck(keyFile), opener, names, known);
  }

  /// All archives. A list that does not go on from what was `seen` is refused as a whole.
  public TidyList list(Optional<SeenArchive> seen) throws HoldfastException {
    RootListing<ArchiveInfo> all =
        RootListing.of(session, machine, blocks, seen, known, this::read);
    return new TidyList(all.map(TidyArchive::of));
  }

  private ArchiveInfo read(Message.Archive shown, ByteBuffer sealed) throws HoldfastException {
    if (names) {
      try {
        Pair pair = blocks.pair(BlockClass.ROOT, shown.root(), sealed);
        Root root = roots.decode(shown, pair.references());
        RootContent content = RootContent.decode(pair.content(), root);
        return ArchiveInfo.of(shown.root(), shown.committedMillis(), root, content);
      } catch (CorruptException e) {
        // References may be whole though the names are not, and are enough here.
      }
    }
    byte[] references = blocks.references(BlockClass.ROOT, shown.root(), sealed);
    Root root = roots.decode(shown, references);
    return ArchiveInfo.nameless(shown.root(), shown.committedMillis(), root);
  }

  /// The names of the archives' pages, those of each archive once and in the archives' order.
  /// Throws [CorruptException] that names all archives whose roots are lost.
  List<List<BlockName>> pages(List<TidyArchive> archives) throws HoldfastException {
    Map<Integer, List<BlockName>> pages = new TreeMap<>();
    List<UnreadableArchive> lost = new ArrayList<>();
    blocks.fetch(
        BlockClass.ROOT,
        archives.stream().map(TidyArchive::root).toList(),
        new BlockArrivals<HoldfastException>() {
          @Override
          public void block(int index, ByteBuffer sealed) throws HoldfastException {
            TidyArchive archive = archives.get(index);
            try {
              byte[] references = blocks.references(BlockClass.ROOT, archive.root(), sealed);
              pages.put(index, roots.decode(archive.shown(), references).pages());
            } catch (CorruptException e) {
              lost(index, String.valueOf(e.getMessage()));
            }
          }

          @Override
          public void lost(int index, String reason) {
            lost.add(archives.get(index).unreadable("its root is lost (" + reason + ")"));
          }
        });
    if (!lost.isEmpty()) {
      lost.sort(Comparator.comparingLong(UnreadableArchive::sequence));
      throw TidyList.notCounted(lost);
    }
    return List.copyOf(pages.values());
  }

  /// Hands on the names of the chunks that each of these pages uses, each once for each page, and
  /// the pages that are lost or damaged.
  void chunks(List<BlockName> pages, ChunkNames sink, BadPage bad) throws HoldfastException {
    blocks.fetch(
        BlockClass.PAGE,
        pages,
        new BlockArrivals<HoldfastException>() {
          @Override
          public void block(int index, ByteBuffer sealed) throws HoldfastException {
            List<BlockName> found;
            try {
              byte[] references = blocks.references(BlockClass.PAGE, pages.get(index), sealed);
              found = PageReferences.decode(Bytes.wrap(references));
            } catch (CorruptException e) {
              lost(index, String.valueOf(e.getMessage()));
              return;
            }
            sink.page(found);
          }

          @Override
          public void lost(int index, String reason) throws HoldfastException {
            bad.page(pages.get(index), reason);
          }
        });
  }

  /// Frees the keys of the runs.
  @Override
  public void close() {
    opener.close();
  }

  /// Takes in which chunks a page uses.
  interface ChunkNames {
    void page(List<BlockName> chunks) throws HoldfastException;
  }

  /// Takes in a page that cannot be read, and why.
  interface BadPage {
    void page(BlockName page, String reason) throws HoldfastException;
  }
}
