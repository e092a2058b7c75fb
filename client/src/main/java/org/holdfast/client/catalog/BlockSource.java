package org.holdfast.client.catalog;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.MachineId;
import org.holdfast.protocol.BlockRef;
import org.holdfast.protocol.FetchSink;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.Session;
import org.holdfast.seal.OpenedChunk;
import org.holdfast.seal.Opener;
import org.holdfast.seal.Pair;
import org.holdfast.seal.RunId;
import org.jspecify.annotations.Nullable;

/// A machine's blocks: fetches them in large batches and opens them.
///
/// - A block is handed on only once the keys of its run are known. The first block of a run is held
///   back, with at most [#HELD_BYTES_MAX] of others like it, until its RUN block has been fetched;
///   what is beyond that is dropped and fetched again.
/// - What the server lacks, and what does not open, is told for that block alone, so that whoever
///   asked can go on with others. Only a session that fails throws.
///
/// For any number of threads; each [#fetch] has a credit of its own.
public final class BlockSource {
  static final long HELD_BYTES_MAX = 16 << 20;

  /// Far below what the [Opener] remembers, so that keys stay until their blocks are opened.
  private static final int RUNS_AT_ONCE = Opener.RUNS_MAX / 4;

  private static final long CREDIT_BYTES = Message.MIN_CREDIT_BYTES;

  /// Chunks that are asked for first: they show whose runs' keys are needed, and what comes of more
  /// would be dropped meanwhile, and fetched again.
  private static final int FIRST_CHUNKS = 4;

  private final Session session;
  private final MachineId machine;
  private final Opener opener;

  private volatile boolean hasAsked;

  /// The session and the opener stay the caller's to close.
  public BlockSource(Session session, MachineId machine, Opener opener) {
    this.session = session;
    this.machine = machine;
    this.opener = opener;
  }

  /// Fetches any number of blocks of one class.
  public <X extends Exception> void fetch(
      BlockClass blockClass, List<BlockName> names, BlockArrivals<X> arrivals)
      throws HoldfastException, X {
    ArrayDeque<Integer> wanted = new ArrayDeque<>(names.size());
    for (int i = 0; i < names.size(); i++) {
      wanted.add(i);
    }
    while (!wanted.isEmpty()) {
      List<Integer> batch = new ArrayList<>();
      boolean isFirst = blockClass == BlockClass.CHUNK && !hasAsked;
      int most = isFirst ? FIRST_CHUNKS : Message.MAX_NAMES;
      while (!wanted.isEmpty() && batch.size() < most) {
        batch.add(wanted.remove());
      }
      Batch<X> taking = new Batch<>(blockClass, batch, arrivals);
      session.fetch(machine, taking.refs(names), CREDIT_BYTES, taking);
      taking.handOnHeld();
      if (isFirst) {
        hasAsked = true;
      }
      wanted.addAll(taking.dropped);
    }
  }

  /// Hands a chunk's content over, which nobody may keep. Throws [CorruptException], before that,
  /// if the block is not what was stored.
  public <X extends Exception> void chunk(BlockName name, ByteBuffer sealed, OpenedChunk<X> opened)
      throws HoldfastException, X {
    opener.chunk(name, sealed, opened);
  }

  /// Both parts of a page or root. Throws [CorruptException] if it is not what was stored.
  public Pair pair(BlockClass blockClass, BlockName name, ByteBuffer sealed)
      throws HoldfastException {
    return opener.pair(blockClass, name, array(sealed));
  }

  /// The references of a page or root; what else is in it stays closed. Throws [CorruptException]
  /// if it is not what was stored.
  public byte[] references(BlockClass blockClass, BlockName name, ByteBuffer sealed)
      throws HoldfastException {
    return opener.references(blockClass, name, array(sealed));
  }

  /// Learns the keys of runs. Returns why not, for those that it could not learn.
  private Map<RunId, String> learn(List<RunId> runs) throws HoldfastException {
    List<BlockRef> refs = new ArrayList<>();
    for (RunId run : runs) {
      refs.add(new BlockRef(BlockClass.RUN, run.blockName()));
    }
    Map<RunId, String> lost = new HashMap<>();
    session.fetch(
        machine,
        refs,
        CREDIT_BYTES,
        new FetchSink<RuntimeException>() {
          @Override
          public void block(int index, ByteBuffer bytes) {
            try {
              opener.learn(refs.get(index).name(), array(bytes));
            } catch (CorruptException e) {
              lost.put(runs.get(index), "the keys of its backup run are damaged");
            }
          }

          @Override
          public void missing(int index) {
            lost.put(
                runs.get(index),
                "the service does not have the keys of its backup run, or only damaged");
          }
        });
    return lost;
  }

  /// A service inside the client hands parts of long arrays on: who keeps one keeps all of it.
  private static ByteBuffer alone(ByteBuffer bytes) {
    return ByteBuffer.wrap(array(bytes));
  }

  private static byte[] array(ByteBuffer bytes) {
    if (bytes.hasArray()
        && bytes.arrayOffset() + bytes.position() == 0
        && bytes.array().length == bytes.remaining()) {
      return bytes.array();
    }
    byte[] array = new byte[bytes.remaining()];
    bytes.get(bytes.position(), array);
    return array;
  }

  /// One FETCH of blocks, and what it must hold back.
  private final class Batch<X extends Exception> implements FetchSink<X> {
    private final BlockClass blockClass;
    private final List<Integer> indexes;
    private final BlockArrivals<X> arrivals;
    private final Map<RunId, List<Held>> held = new LinkedHashMap<>();
    private final List<Integer> dropped = new ArrayList<>();
    private long heldBytes;

    Batch(BlockClass blockClass, List<Integer> indexes, BlockArrivals<X> arrivals) {
      this.blockClass = blockClass;
      this.indexes = indexes;
      this.arrivals = arrivals;
    }

    List<BlockRef> refs(List<BlockName> names) {
      List<BlockRef> refs = new ArrayList<>(indexes.size());
      for (int index : indexes) {
        refs.add(new BlockRef(blockClass, names.get(index)));
      }
      return refs;
    }

    @Override
    public void block(int place, ByteBuffer bytes) throws X {
      int index = indexes.get(place);
      ByteBuffer sealed = blockClass == BlockClass.CHUNK && bytes.hasArray() ? bytes : alone(bytes);
      Optional<RunId> run = run(sealed);
      if (run.isEmpty()) {
        arrivals.lost(index, "it is damaged");
      } else if (opener.knows(run.get())) {
        arrivals.block(index, sealed);
      } else if (heldBytes + sealed.remaining() > HELD_BYTES_MAX) {
        dropped.add(index);
      } else {
        heldBytes += sealed.remaining();
        held.computeIfAbsent(run.get(), _ -> new ArrayList<>()).add(new Held(index, alone(sealed)));
      }
    }

    @Override
    public void missing(int place) throws X {
      arrivals.lost(indexes.get(place), "the service does not have it, or only damaged");
    }

    void handOnHeld() throws HoldfastException, X {
      List<RunId> runs = new ArrayList<>(held.keySet());
      for (int from = 0; from < runs.size(); from += RUNS_AT_ONCE) {
        List<RunId> some = runs.subList(from, Math.min(runs.size(), from + RUNS_AT_ONCE));
        Map<RunId, String> lost = learn(some);
        for (RunId run : some) {
          handOn(held.remove(run), lost.get(run));
        }
      }
    }

    private void handOn(@Nullable List<Held> blocks, @Nullable String reason) throws X {
      for (Held each : blocks == null ? List.<Held>of() : blocks) {
        if (reason == null) {
          arrivals.block(each.index, each.sealed);
        } else {
          arrivals.lost(each.index, reason);
        }
      }
    }

    private Optional<RunId> run(ByteBuffer sealed) {
      try {
        return Optional.of(Opener.runOf(blockClass, sealed));
      } catch (CorruptException e) {
        return Optional.empty();
      }
    }
  }

  /// A block whose run is not known yet.
  private record Held(int index, ByteBuffer sealed) {}
}
