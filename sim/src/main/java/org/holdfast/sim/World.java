package org.holdfast.sim;

import java.util.SplittableRandom;
import org.holdfast.bucket.Bucket;

/// What everybody in a run shares.
///
/// @param network whose threads carry messages
/// @param ledger what the bucket's log says
record World(
    Loop loop,
    SimStore store,
    Ledger ledger,
    Weather weather,
    Faults faults,
    Setting setting,
    SimProcess network) {
  /// A process's bucket, as the code that ships is given it.
  Bucket bucketOf(SimProcess process, SplittableRandom random) {
    return setting.around(
        new SimBucket(store, weather, loop, process, random, faults),
        process.clock(),
        process.random(),
        process.spawner());
  }
}
