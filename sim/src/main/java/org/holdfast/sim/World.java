package org.holdfast.sim;

import java.util.SplittableRandom;
import org.holdfast.bucket.Bucket;

/// What everybody in a run shares.
///
/// @param network whose threads carry messages
/// @param mishaps what went wrong, for whom
/// @param ledger what the bucket's log says
/// @param endings what is under way and must end
record World(
    Chance chance,
    Loop loop,
    SimStore store,
    Ledger ledger,
    Weather weather,
    Mishaps mishaps,
    Faults faults,
    Setting setting,
    Endings endings,
    SimProcess network) {
  SimProcess process(String name) {
    return new SimProcess(name, loop, chance);
  }

  /// A process's bucket, as the code that ships is given it.
  Bucket bucketOf(SimProcess process) {
    SplittableRandom luck = chance.stream(process.name() + " bucket");
    return setting.around(
        new SimBucket(store, weather, mishaps, loop, process, luck, faults.of(process.name())),
        process.clock(),
        process.random(),
        process.spawner());
  }
}
