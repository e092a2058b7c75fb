package org.holdfast.sim;

import java.nio.file.Path;
import org.holdfast.core.HoldfastException;
import org.holdfast.log.StateDigest;
import org.holdfast.server.Rebuild;
import org.holdfast.server.Service;
import org.holdfast.server.index.Index;
import org.holdfast.server.index.IndexException;
import org.holdfast.server.index.MemoryIndex;
import org.holdfast.server.shard.ShardStart;
import org.jspecify.annotations.Nullable;

/// Looks, in the middle of everything, at a copy of the bucket and of the newest server's index:
/// the log can be read at any moment, the index is what the log says, and all ways to the state
/// lead to one digest.
final class Audit {
  private final World world;
  private @Nullable Violation violation;
  private int number;

  Audit(World world) {
    this.world = world;
  }

  @Nullable Violation violation() {
    return violation;
  }

  /// Takes copies of what is there now, and looks at them while the world goes on.
  void look(Fleet fleet) {
    SimStore store = world.store().copy();
    SimDisk disk = fleet.newest().disk().copy();
    SimProcess process = world.process("audit" + ++number);
    process.note("looks");
    process
        .spawner()
        .spawn(
            "main",
            () -> {
              try (Endings.Work _ = world.endings().begin(process, "looks")) {
                StateDigest digest = digest(process, store, disk);
                process.note("finds " + digest);
              } catch (Violation e) {
                violation = e;
              } catch (HoldfastException | IndexException e) {
                violation = new Violation("the bucket as it was cannot be read", e);
              } catch (RuntimeException | Error e) {
                violation = new Violation(process.name() + " has met a defect", e);
              }
              process.kill();
            });
  }

  /// The digest that all ways to the state lead to: from the headers alone, from them in their
  /// order as a start does, and from the index on the disk and what came after it.
  StateDigest digest(SimProcess process, SimStore store, SimDisk disk)
      throws HoldfastException, Violation {
    DiskUser user = DiskUser.lucky();
    Path folder = disk.folder(user);
    Service.Terms terms =
        SimServer.terms(process, world.setting(), store.direct(), index -> disk.open(index, user));
    Rebuild.Report rebuilt =
        new Rebuild(terms, folder, Rebuild.Progress.NONE).run(Rebuild.How.COMPARE);
    if (rebuilt.comparison() == Rebuild.Comparison.DIFFERENT) {
      throw new Violation("the index is not what the log says");
    }
    Index inOrder = new MemoryIndex();
    Service replayed = Service.readOnly(terms, inOrder, ShardStart.Listener.NONE);
    check("replayed", replayed, rebuilt.digest());
    Service caughtUp = Service.readOnly(terms, folder, ShardStart.Listener.NONE);
    check("caught up", caughtUp, rebuilt.digest());
    if (world.setting().makesImages()) {
      new ImageAudit(world.setting(), process, store, world.ledger()).look(inOrder);
    }
    return rebuilt.digest();
  }

  private static void check(String way, Service service, StateDigest rebuilt)
      throws HoldfastException, Violation {
    StateDigest found = service.shard().read(state -> state.digest());
    if (!found.equals(rebuilt)) {
      throw new Violation("a rebuilt digest is " + rebuilt + ", one " + way + " is " + found);
    }
  }
}
