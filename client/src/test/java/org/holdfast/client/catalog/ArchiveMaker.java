package org.holdfast.client.catalog;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.archive.EncodedPage;
import org.holdfast.client.archive.Entry;
import org.holdfast.client.archive.PageEncoder;
import org.holdfast.client.archive.Root;
import org.holdfast.client.archive.RootContent;
import org.holdfast.client.archive.RootContent.PageStart;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.MachineId;
import org.holdfast.protocol.Message;
import org.holdfast.seal.BlockNamer;
import org.holdfast.seal.Run;
import org.holdfast.seal.SigningKey;
import org.holdfast.seal.WriteKeys;

/// One backup run that stores what a test gives it, with the real keys, seals and encoders.
public final class ArchiveMaker implements AutoCloseable {
  private final ArchiveService service;
  private final SecureRandom random = new SecureRandom();
  private final WriteKeys keys;
  private final BlockNamer namer;
  private final Run run;
  private SigningKey signing;
  private MachineId machine;
  private boolean partial;

  public ArchiveMaker(ArchiveService service) throws HoldfastException {
    this.service = service;
    keys = service.keys().write();
    namer = new BlockNamer(keys.nameKey());
    run = Run.start(keys, random, 1);
    signing = keys.signer();
    machine = service.machine();
    service.store(BlockClass.RUN, run.blockName(), run.block());
  }

  public Run run() {
    return run;
  }

  ArchiveMaker signedBy(SigningKey other) {
    signing = other;
    return this;
  }

  ArchiveMaker of(MachineId other) {
    machine = other;
    return this;
  }

  ArchiveMaker partial() {
    partial = true;
    return this;
  }

  /// Stores a chunk.
  public BlockName chunk(byte[] content, int from, int to) {
    BlockName name = namer.chunk(content, from, to);
    service.store(BlockClass.CHUNK, name, run.sealer().chunk(name, content, from, to));
    return name;
  }

  /// Stores the pages and root of an archive that follows the last one shown, and shows it.
  public Message.Archive archive(String name, List<Entry> entries) throws CorruptException {
    SecretKey pageKey = new SecretKeySpec(keys.pageCutKey().toArray(), "HmacSHA256");
    PageEncoder encoder = new PageEncoder(pageKey);
    List<EncodedPage> pages = new ArrayList<>();
    for (Entry each : entries) {
      pages.addAll(encoder.add(each));
    }
    encoder.finish().ifPresent(pages::add);
    return archiveOf(name, pages);
  }

  /// The same for pages that are encoded already.
  public Message.Archive archiveOf(String name, List<EncodedPage> pages) throws CorruptException {
    List<BlockName> names = new ArrayList<>();
    List<PageStart> starts = new ArrayList<>();
    for (EncodedPage each : pages) {
      names.add(store(BlockClass.PAGE, each.references().toArray(), each.content().toArray()));
      starts.add(PageStart.of(each));
    }
    RootContent content =
        new RootContent(
            name,
            List.of("tagged"),
            "host",
            "user",
            "test",
            List.of(ArchivePath.ROOT),
            starts,
            0,
            List.of());
    byte[] second = content.encode();
    long sequence =
        service.archives().stream().mapToLong(Message.Archive::sequence).max().orElse(0);
    BlockName previous =
        service.archives().isEmpty() ? Root.NO_ROOT : service.archives().getLast().root();
    Root root =
        new Root(
            machine,
            sequence + 1,
            previous,
            1_000 * sequence,
            1_000 * sequence + 500,
            partial,
            "host",
            content.entries(),
            content.bytes(),
            12_345,
            RootContent.hash(second),
            names);
    byte[] first = root.encode(bytes -> signing.sign(bytes, random));
    Message.Archive shown =
        new Message.Archive(
            store(BlockClass.ROOT, first, second), sequence + 1, 7_000 + sequence, partial);
    service.archives().add(shown);
    return shown;
  }

  private BlockName store(BlockClass blockClass, byte[] first, byte[] second) {
    BlockName name = namer.pair(blockClass, first, second);
    service.store(blockClass, name, run.sealer().pair(blockClass, name, first, second));
    return name;
  }

  @Override
  public void close() {
    run.close();
  }
}
