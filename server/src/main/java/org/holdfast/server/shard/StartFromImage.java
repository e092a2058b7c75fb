package org.holdfast.server.shard;

import java.nio.BufferUnderflowException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Spawner;
import org.holdfast.log.LogChain;
import org.holdfast.log.LogReader;
import org.holdfast.log.SegmentId;
import org.holdfast.server.image.ImageFetch;
import org.holdfast.server.image.ImageList;
import org.holdfast.server.image.ImageStore;
import org.holdfast.server.index.Index;
import org.holdfast.server.index.IndexException;
import org.holdfast.server.state.ShardState;

/// Makes an index from an image and the log behind it (`docs/images.md`, "Starting from one").
///
/// The log is the truth: whatever is wrong with an image, the next one is tried, and then there are
/// headers. Used once.
final class StartFromImage {
  /// Whatever is wrong with these is wrong with others too.
  private static final int TRIED_MAX = 2;

  private final int shard;
  private final LogReader reader;
  private final ImageStore images;
  private final Spawner spawner;
  private final Index.Opening indexes;
  private final Optional<SegmentId> known;
  private final ShardStart.Listener listener;
  private final CatchUp.Listener replay;
  private boolean hasVoid;

  /// The log must reach what is `known`, if that is; `replay` hears how the log behind an image is
  /// replayed.
  StartFromImage(
      int shard,
      LogReader reader,
      ImageStore images,
      Spawner spawner,
      Index.Opening indexes,
      Optional<SegmentId> known,
      ShardStart.Listener listener,
      CatchUp.Listener replay) {
    this.shard = shard;
    this.reader = reader;
    this.images = images;
    this.spawner = spawner;
    this.indexes = indexes;
    this.known = known;
    this.listener = listener;
    this.replay = replay;
  }

  /// Whether the folder's index is one now, up to the end of the log as it was listed.
  boolean run(StateFolder folder) throws HoldfastException {
    List<String> lists;
    try {
      lists = images.lists();
    } catch (HoldfastException e) {
      listener.fromHeaders("images cannot be listed (" + e.getMessage() + ")");
      return false;
    }
    for (String list : lists.subList(0, Math.min(TRIED_MAX, lists.size()))) {
      String why;
      try {
        take(list, folder);
        return true;
      } catch (RefusedException e) {
        if (LogChain.isLostEnd(e)) {
          // An owner has made it of what was acknowledged: that is gone.
          throw e;
        }
        why = String.valueOf(e.getMessage());
      } catch (HoldfastException | IndexException e) {
        // Also if the bucket is away: whoever reads headers next says so.
        why = String.valueOf(e.getMessage());
      } catch (BufferUnderflowException e) {
        why = "its index is not of this version";
      }
      hasVoid = true;
      listener.imageLeft(list, why);
      folder.delete(folder.freshIndex());
    }
    listener.fromHeaders(lists.isEmpty() ? "there is no image" : "no image can be used");
    return false;
  }

  /// Whether one that is in the bucket could not be used.
  boolean hasVoid() {
    return hasVoid;
  }

  private void take(String list, StateFolder folder) throws HoldfastException {
    ImageList image = images.list(list);
    LogChain chain = tail(image.segment());
    Path fresh = folder.freshIndex();
    new ImageFetch(images, spawner, listener::imageFetched).run(image, fresh);
    try (Index index = indexes.open(fresh)) {
      if (!ShardState.position(index).equals(image.position()) || ShardState.isIncomplete(index)) {
        throw new CorruptException("its index is not what its list says");
      }
      listener.imageTaken(list, image.position().nextRecord() - 1, image.bytes());
      new CatchUp(shard, reader, spawner, known, replay)
          .onlyGoingOn()
          .run(index, Optional.of(chain));
      index.flush();
    }
    folder.replaceIndex(fresh);
  }

  /// Before anything is fetched: an image that the log does not reach says that its end is lost;
  /// one behind which segments were cleaned is of no use.
  private LogChain tail(SegmentId image) throws HoldfastException {
    LogChain chain = LogChain.of(reader, shard, CatchUp.latest(known, Optional.of(image)));
    if (!chain.counted(shard, Optional.of(image), spawner).absent().isEmpty()) {
      throw new CorruptException("segments behind it were cleaned, or are lost");
    }
    return chain;
  }
}
