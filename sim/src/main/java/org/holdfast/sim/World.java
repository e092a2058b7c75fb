package org.holdfast.sim;

import java.util.Set;
import java.util.SplittableRandom;
import org.holdfast.bucket.Bucket;
import org.holdfast.log.SegmentId;

/// What everybody in a run shares.
///
/// @param network whose threads carry messages
/// @param mishaps what went wrong, for whom
/// @param ledger what the bucket's log says
/// @param images of the index in the bucket
/// @param endings what is under way and must end
/// @param halfCleaned segments whose cleaning was cut short: in foul weather they stay as they are
record World(
    Chance chance,
    Loop loop,
    SimStore store,
    Ledger ledger,
    Images images,
    Weather weather,
    Mishaps mishaps,
    Faults faults,
    Setting setting,
    Endings endings,
    Set<SegmentId> halfCleaned,
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
