package org.holdfast.seal;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.security.MessageDigest;
import java.util.Random;
import org.holdfast.core.BlockName;
import org.holdfast.seal.chunk.ChunkSizes;
import org.holdfast.seal.chunk.Chunker;

/// Prints MB a second of processor time for each step of a backup, beside SHA-256 in the same run.
/// Not a test: `java -cp ... org.holdfast.seal.Speed`.
final class Speed {
  private static final int MIB = 1 << 20;
  // Not the clock: others may use the machine too.
  private static final ThreadMXBean CPU = ManagementFactory.getThreadMXBean();

  private Speed() {}

  public static void main(String[] args) throws Exception {
    TestRandom random = new TestRandom(1);
    MachineKeys keys = MachineKeys.random(random);
    byte[] noise = new byte[64 * MIB];
    new Random(2).nextBytes(noise);
    BlockName name = BlockName.random(random);
    BlockNamer namer = new BlockNamer(keys.write().nameKey());
    byte[][] blocks = new byte[64][];
    try (Run run = Run.start(keys.write(), random, Sealer.DEFAULT_LEVEL);
        Opener opener = new Opener(keys.read())) {
      opener.learn(run.blockName(), run.block());
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      for (int round = 0; round < 4; round++) {
        System.out.printf("round %d:", round);
        report("sha-256", i -> sha.update(noise, i * MIB, MIB));
        report("name", i -> namer.chunk(noise, i * MIB, (i + 1) * MIB));
        report("seal", i -> blocks[i] = run.sealer().chunk(name, noise, i * MIB, (i + 1) * MIB));
        report("open", i -> Opened.chunk(opener, name, blocks[i]));
        for (int min : new int[] {256, 512}) {
          ChunkSizes sizes = new ChunkSizes(min << 10, MIB, 4 * MIB);
          Chunker chunker = new Chunker(keys.write().chunkingKey(), sizes);
          long start = CPU.getCurrentThreadCpuTime();
          for (int at = 0; at < noise.length; ) {
            at = chunker.next(noise, at, noise.length, true);
          }
          print("chunk, min " + min + " KiB", CPU.getCurrentThreadCpuTime() - start);
        }
        System.out.println();
      }
    }
  }

  private interface Step {
    void run(int i) throws Exception;
  }

  private static void report(String what, Step step) throws Exception {
    long start = CPU.getCurrentThreadCpuTime();
    for (int i = 0; i < 64; i++) {
      step.run(i);
    }
    print(what, CPU.getCurrentThreadCpuTime() - start);
  }

  private static void print(String what, long nanos) {
    System.out.printf("  %s %d", what, 64L * MIB * 1000 / nanos);
  }
}
