package org.holdfast.seal;

import java.security.SecureRandom;
import org.holdfast.core.BlockName;
import org.holdfast.core.CorruptException;

/// One backup run, on the side that writes: its id, its keys sealed for later, its [Sealer].
///
/// Keys are drawn here and live in the sealer only: not even who made them can open what they
/// sealed, without a private key that the write right does not hold.
public final class Run implements AutoCloseable {
  private final RunId id;
  private final byte[] block;
  private final Sealer sealer;

  private Run(RunId id, byte[] block, Sealer sealer) {
    this.id = id;
    this.block = block;
    this.sealer = sealer;
  }

  /// Draws a run's id and keys. Throws [CorruptException] if a public key of the machine is one
  /// that no honest key generation gives.
  ///
  /// @param random must never repeat, or nonces will
  /// @param level of zstd, for example [Sealer#DEFAULT_LEVEL]
  public static Run start(WriteKeys keys, SecureRandom random, int level) throws CorruptException {
    RunId id = RunId.random(random);
    byte[] referenceKey = new byte[PartKeys.RUN_KEY_LENGTH];
    byte[] contentKey = new byte[PartKeys.RUN_KEY_LENGTH];
    random.nextBytes(referenceKey);
    random.nextBytes(contentKey);
    byte[] block = RunBlock.seal(id, referenceKey, contentKey, keys, random);
    PartKeys references = new PartKeys(id, PartKind.REFERENCES, referenceKey);
    PartKeys contents = new PartKeys(id, PartKind.CONTENT, contentKey);
    return new Run(id, block, new Sealer(id, references, contents, level));
  }

  public RunId id() {
    return id;
  }

  /// What the RUN block is called.
  public BlockName blockName() {
    return id.blockName();
  }

  /// The RUN block, to store before any block of the run is committed.
  public byte[] block() {
    return block.clone();
  }

  public Sealer sealer() {
    return sealer;
  }

  @Override
  public void close() {
    sealer.close();
  }
}
