package org.holdfast.sim;

import java.nio.file.Path;
import java.util.Optional;
import java.util.SplittableRandom;
import org.holdfast.client.archive.SeenArchive;
import org.holdfast.core.CorruptException;
import org.holdfast.core.RefusedException;
import org.jspecify.annotations.Nullable;

/// The disk of a client's machine, with its cache folder, whichever process the client goes on in.
final class ClientDisk {
  private static final String CACHE = "/home/cache";

  private final World world;
  private final Faults faults;
  private final SplittableRandom random;
  private final Volume volume = new Volume();
  private Runnable whenKilled = () -> {};
  private @Nullable SimProcess process;
  private Path cache;
  private DiskUser user = DiskUser.lucky();
  private long fullUntilNanos = Long.MIN_VALUE;
  private long promised;

  ClientDisk(World world, String name) {
    this.world = world;
    this.faults = world.faults().of(name);
    this.random = world.chance().stream(name + " disk");
    this.cache = cache(user);
  }

  /// What is done after its client was killed at a file operation.
  void whenKilled(Runnable action) {
    whenKilled = action;
  }

  /// The cache folder, as a process sees it.
  Path cache(SimProcess client) {
    if (!client.equals(process)) {
      process = client;
      user = DiskUser.of(client, world.loop(), faults, random, whenKilled);
      cache = cache(user);
    }
    return cache;
  }

  private Path cache(DiskUser user) {
    return new VolumeFiles(volume, user).getPath(CACHE);
  }

  /// Its process is gone, and perhaps the power.
  void crash() {
    if (faults.strike(Rates::powerCut)) {
      volume.cutPower(random);
    }
  }

  /// All of it is gone.
  void lose(SimProcess client) {
    client.note("has lost its cache");
    volume.wipe();
    promised = 0;
  }

  /// It has no room for a while.
  void fill(SimProcess client, long millis) {
    client.note("has a full disk");
    long untilNanos = world.loop().nowNanos() + millis * 1_000_000;
    fullUntilNanos = Math.max(fullUntilNanos, untilNanos);
    volume.fill(true);
    world.loop().at(untilNanos, () -> volume.fill(world.loop().nowNanos() < fullUntilNanos));
  }

  /// It has room again.
  void makeRoom() {
    fullUntilNanos = Math.min(fullUntilNanos, world.loop().nowNanos());
    volume.fill(false);
  }

  /// Whether it was full since a moment, or something could not be read.
  boolean hasFailed(long sinceNanos) {
    return fullUntilNanos >= sinceNanos || user.wasRefused(sinceNanos);
  }

  /// A backup of this number has ended well: from here on the machine knows of it, whatever happens
  /// to its power.
  void promise(long sequence) {
    promised = sequence;
  }

  /// That it still knows.
  void check() throws Violation {
    try {
      Optional<SeenArchive> seen = SeenArchive.read(cache(DiskUser.lucky()));
      long known = seen.map(SeenArchive::sequence).orElse(0L);
      if (known < promised) {
        throw new Violation(
            "a machine has made archive %d and remembers %d".formatted(promised, known));
      }
    } catch (CorruptException | RefusedException e) {
      throw new Violation("a machine's memory of its last archive is damaged", e);
    }
  }
}
