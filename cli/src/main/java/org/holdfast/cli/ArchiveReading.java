package org.holdfast.cli;

import java.util.ArrayList;
import java.util.List;
import org.holdfast.cli.console.Failure;
import org.holdfast.cli.console.Output;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.cli.link.Link;
import org.holdfast.client.catalog.Archive;
import org.holdfast.client.catalog.ArchiveInfo;
import org.holdfast.client.catalog.ArchiveList;
import org.holdfast.client.catalog.Catalog;
import org.holdfast.client.catalog.PageReader;
import org.holdfast.client.tree.PathText;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.MachineId;
import org.holdfast.protocol.Message;
import org.holdfast.seal.KeyFile;

/// The machine's archives while a command looks into them.
final class ArchiveReading implements AutoCloseable {
  private final Output output;
  private final MachineId machine;
  private final Link link;
  private final Catalog catalog;
  private final ArchiveList list;
  private boolean isWhole = true;

  private ArchiveReading(
      Output output, MachineId machine, Link link, Catalog catalog, ArchiveList list) {
    this.output = output;
    this.machine = machine;
    this.link = link;
    this.catalog = catalog;
    this.list = list;
  }

  /// Needs the right to read. Warns of what is wrong with the list of archives.
  static ArchiveReading open(
      Surroundings surroundings, KeyOptions keys, SourceOption source, Output output)
      throws HoldfastException, Failure {
    KeyFile keyFile = keys.open();
    keyFile.keys().read();
    Link link = source.open(keyFile, keys.cacheFolder());
    try {
      surroundings.whenStopped(link::breakOff);
      Catalog catalog =
          Catalog.open(link.session(), keyFile, keys.machineFolder(keyFile), surroundings.random());
      ArchiveList list = catalog.list(keys.seen(keyFile));
      list.warnings().forEach(output::warn);
      return new ArchiveReading(output, keyFile.machineId(), link, catalog, list);
    } catch (HoldfastException | Failure | RuntimeException e) {
      link.close();
      throw e;
    }
  }

  Catalog catalog() {
    return catalog;
  }

  ArchiveList list() {
    return list;
  }

  /// The archives that a person names, or all that can be read if none is.
  List<Archive> chosen(List<String> names) throws HoldfastException {
    List<ArchiveInfo> chosen = new ArrayList<>();
    for (String each : names) {
      chosen.add(list.select(each));
    }
    List<Archive> archives = new ArrayList<>();
    for (ArchiveInfo each : names.isEmpty() ? list.archives() : chosen) {
      archives.add(catalog.read(each));
    }
    return archives;
  }

  /// Where the machine stands at the service.
  Message.StateReply state() throws HoldfastException {
    return link.session().state(machine);
  }

  /// Whether nothing was lost of what was asked for.
  boolean isWhole() {
    return isWhole;
  }

  /// Warns of entries that cannot be read.
  void lost(PageReader.Lost lost) {
    isWhole = false;
    var until = lost.until();
    output.warn(
        "%d entries cannot be read, from /%s to %s: %s"
            .formatted(
                lost.entries(),
                PathText.print(lost.from().toArray()),
                until == null ? "the end" : "before /" + PathText.print(until.toArray()),
                lost.reason()));
  }

  @Override
  public void close() throws HoldfastException {
    try (link) {
      catalog.close();
    }
  }
}
