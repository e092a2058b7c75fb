package org.holdfast.client.tidy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.holdfast.client.archive.PageReferences;
import org.holdfast.client.archive.Root;
import org.holdfast.client.archive.SeenArchive;
import org.holdfast.client.catalog.BlockArrivals;
import org.holdfast.client.catalog.BlockSource;
import org.holdfast.client.catalog.ListCheck;
import org.holdfast.client.catalog.RootCheck;
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

/// A machine's archives, read with the right to tidy: references only, no name and no content.
///
/// Nothing that the server says is believed unless it is signed by the machine, as in
/// [org.holdfast.client.catalog.Catalog]; pages are what the roots name, and opening one proves
/// that it is that page. One thread at a time.
public final class TidyCatalog implements AutoCloseable {
  private static final int ROOTS_AT_ONCE = 256;

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
    List<Message.Archive> shown = new ArrayList<>(session.archives(machine));
    shown.sort(Comparator.comparingLong(Message.Archive::sequence));
    List<TidyArchive> read = new ArrayList<>();
    List<UnreadableArchive> unreadable = new ArrayList<>();
    for (int from = 0; from < shown.size(); from += ROOTS_AT_ONCE) {
      List<Message.Archive> some =
          shown.subList(from, Math.min(shown.size(), from + ROOTS_AT_ONCE));
      readRoots(some, read, unreadable);
    }
    read.sort(Comparator.comparingLong(TidyArchive::sequence));
    unreadable.sort(Comparator.comparingLong(UnreadableArchive::sequence));
    Map<BlockName, ListCheck.Signed> signed = new HashMap<>();
    read.forEach(each ->
        signed.put(
            each.root(), new ListCheck.Signed(each.sequence(), each.previous(), each.partial())));
    ListCheck check = ListCheck.of(session, machine, shown, signed, seen);
    List<String> warnings =
        Stream.concat(
                check.warnings().stream(),
                unreadable.stream()
                    .map(each ->
                        "archive number %d cannot be read: %s"
                            .formatted(each.sequence(), each.reason())))
            .toList();
    return new TidyList(read, unreadable, warnings, check.holes());
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
        (_, references) -> pages.addAll(roots.decode(shown, references).pages()));
    return pages;
  }

  /// Hands on the names of the chunks that each of these pages uses, each once for each page.
  ///
  /// Throws [CorruptException] for the first page that is lost or damaged.
  void chunks(List<BlockName> pages, ChunkNames sink) throws HoldfastException {
    fetch(
        BlockClass.PAGE,
        pages,
        (_, references) -> sink.page(PageReferences.decode(Bytes.wrap(references))));
  }

  /// Frees the keys of the runs.
  @Override
  public void close() {
    opener.close();
  }

  private void readRoots(
      List<Message.Archive> shown, List<TidyArchive> read, List<UnreadableArchive> unreadable)
      throws HoldfastException {
    blocks.fetch(
        BlockClass.ROOT,
        shown.stream().map(Message.Archive::root).toList(),
        new BlockArrivals<HoldfastException>() {
          @Override
          public void block(int index, byte[] sealed) throws HoldfastException {
            Message.Archive archive = shown.get(index);
            try {
              byte[] references = blocks.references(BlockClass.ROOT, archive.root(), sealed);
              read.add(archive(archive, roots.decode(archive, references)));
            } catch (CorruptException e) {
              refuse(archive, e.getMessage());
            }
          }

          @Override
          public void lost(int index, String reason) {
            refuse(shown.get(index), "its root is lost (" + reason + ")");
          }

          private void refuse(Message.Archive archive, String reason) {
            unreadable.add(new UnreadableArchive(archive.root(), archive.sequence(), reason));
          }
        });
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

  private void fetch(BlockClass blockClass, List<BlockName> names, References sink)
      throws HoldfastException {
    String what = blockClass == BlockClass.ROOT ? "the root" : "a page";
    blocks.fetch(
        blockClass,
        names,
        new BlockArrivals<HoldfastException>() {
          @Override
          public void block(int index, byte[] sealed) throws HoldfastException {
            try {
              sink.take(index, blocks.references(blockClass, names.get(index), sealed));
            } catch (CorruptException e) {
              throw lostIt(e.getMessage());
            }
          }

          @Override
          public void lost(int index, String reason) throws HoldfastException {
            throw lostIt(reason);
          }

          private CorruptException lostIt(String reason) {
            return new CorruptException(
                what
                    + " of an archive that is to be counted cannot be read ("
                    + reason
                    + "): nothing was deleted; ask the service's operator");
          }
        });
  }

  /// Takes in which chunks a page uses.
  interface ChunkNames {
    void page(List<BlockName> chunks) throws HoldfastException;
  }

  private interface References {
    void take(int index, byte[] references) throws HoldfastException;
  }
}
