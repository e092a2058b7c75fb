package org.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.ConflictException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Right;
import org.holdfast.core.TransactionId;
import org.holdfast.core.UnavailableException;
import org.holdfast.protocol.BlockRef;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.Session;
import org.holdfast.protocol.TransactionKind;
import org.holdfast.server.state.DeletionRow;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DeletesTest extends WithSessions {
  private Client client;
  private Session writer;
  private Session reader;
  private Session tidier;
  private Session nuker;

  @BeforeEach
  void register() throws Exception {
    client = registered();
    writer = connect(client, Right.WRITE);
    reader = connect(client, Right.READ);
    tidier = connect(client, Right.TIDY);
    nuker = connect(client, Right.NUKE);
  }

  @Test
  void everyRequestNeedsItsRight() throws Exception {
    TransactionId id = TransactionId.random(Client.RANDOM);
    List<BlockName> names = names();
    for (Session session : List.of(writer, reader, connect())) {
      refused(() -> session.beginDelete(client.machine, id, null, true));
      refused(() -> session.delete(client.machine, id, BlockClass.CHUNK, names));
      refused(() -> session.deleteAll(client.machine, id));
      refused(() -> session.commitDelete(client.machine, id));
      refused(() -> session.cancelDelete(client.machine, id));
      refused(() -> session.undelete(client.machine, id));
    }
    refused(() -> tidier.deleteAll(client.machine, id));
    refused(() -> nuker.delete(client.machine, id, BlockClass.CHUNK, names));
    refused(() -> writer.deletedPage(client.machine, null, 1));
    refused(() -> writer.deletionsPage(client.machine, 0, 1));
    for (Session session : List.of(reader, tidier, nuker)) {
      assertThat(session.deletedPage(client.machine, null, 1).archives()).isEmpty();
      assertThat(session.deletionsPage(client.machine, 0, 1).deletions()).isEmpty();
    }
    refused(() -> nuker.archives(client.machine));
    refused(() -> tidier.begin(client.machine, id, null));
    refused(() -> nuker.begin(client.machine, id, null));
  }

  @Test
  void rightToTidyFetchesEverythingButChunks() throws Exception {
    TransactionId transaction = client.begin(writer);
    List<BlockRef> open = new ArrayList<>();
    for (BlockClass kind : List.of(BlockClass.PAGE, BlockClass.ROOT, BlockClass.RUN)) {
      open.add(client.store(writer, transaction, kind, bytes(100, 1)));
    }
    BlockRef chunk = client.store(writer, transaction, BlockClass.CHUNK, bytes(100, 2));
    writer.commit(client.machine, transaction, open.get(1).name(), 1);
    assertThat(client.fetch(tidier, open)).hasSize(3);
    refused(() -> client.fetch(tidier, List.of(chunk)));
    refused(() -> client.fetch(tidier, List.of(open.get(0), chunk)));
    refused(() -> client.fetch(nuker, open));
    refused(() -> client.fetch(writer, open));
    assertThat(client.fetch(reader, List.of(chunk))).hasSize(1);
  }

  @Test
  void deletionHidesAllAtOnceAndComesBack() throws Exception {
    List<BlockRef> chunks = client.backUp(writer, bytes(100, 1), bytes(200, 2));
    BlockName root = writer.state(client.machine).lastRoot();
    TransactionId deletion = begin(tidier);
    delete(tidier, deletion, chunks.get(0), new BlockRef(BlockClass.ROOT, root));
    assertThat(client.fetch(reader, chunks)).hasSize(2);
    assertThat(reader.archives(client.machine)).hasSize(1);
    var open = new Message.OpenTransaction(TransactionKind.DELETE, deletion);
    assertThat(writer.state(client.machine).open()).isEqualTo(open);

    long untilMillis = tidier.commitDelete(client.machine, deletion);
    assertThat(untilMillis - world.clock.wallMillis())
        .isBetween(Service.Terms.GRACE_MILLIS - 60_000, Service.Terms.GRACE_MILLIS);
    assertThat(tidier.commitDelete(client.machine, deletion)).isEqualTo(untilMillis);
    assertThat(client.fetch(reader, chunks)).containsOnlyKeys(1);
    assertThat(reader.archives(client.machine)).isEmpty();
    assertThat(writer.state(client.machine).committed()).isEqualTo(deletion);
    assertThat(writer.state(client.machine).blocks()).isEqualTo(3);
    var listed = reader.deletedPage(client.machine, null, 5).archives();
    assertThat(listed)
        .singleElement()
        .satisfies(each -> {
          assertThat(each.archive().root()).isEqualTo(root);
          assertThat(each.deletion()).isEqualTo(deletion);
          assertThat(each.untilMillis()).isEqualTo(untilMillis);
        });

    tidier.undelete(client.machine, deletion);
    tidier.undelete(client.machine, deletion);
    assertThat(client.fetch(reader, chunks)).hasSize(2);
    assertThat(reader.archives(client.machine)).hasSize(1);
    assertThat(reader.deletedPage(client.machine, null, 5).archives()).isEmpty();
  }

  @Test
  void whatIsStoredOverADeletedArchiveNeitherReplacesNorHidesIt() throws Exception {
    List<BlockRef> chunks = client.backUp(writer, bytes(100, 1));
    BlockRef root = new BlockRef(BlockClass.ROOT, writer.state(client.machine).lastRoot());
    TransactionId deletion = begin(tidier);
    delete(tidier, deletion, chunks.get(0), root);
    tidier.commitDelete(client.machine, deletion);

    TransactionId junk = client.begin(writer);
    for (BlockRef ref : List.of(chunks.get(0), root)) {
      ByteBuffer other = ByteBuffer.wrap(bytes(50, 9));
      writer.store(client.machine, junk, ref.blockClass(), ref.name(), other);
    }
    writer.commit(client.machine, junk, null, 0);
    assertThat(reader.archives(client.machine)).isEmpty();
    assertThat(reader.deletedPage(client.machine, null, 5).archives())
        .singleElement()
        .satisfies(each -> assertThat(each.deletion()).isEqualTo(deletion));

    tidier.undelete(client.machine, deletion);
    assertThat(reader.archives(client.machine)).hasSize(1);
    assertThat(client.fetch(reader, chunks).get(0)).isEqualTo(bytes(100, 1));
    assertThat(client.fetch(reader, List.of(root)).get(0)).isEqualTo(new byte[] {1});
  }

  @Test
  void pagesAreFullAlsoWhereArchivesAreHidden() throws Exception {
    for (int i = 0; i < 9; i++) {
      client.backUp(writer, bytes(10, i));
    }
    List<BlockName> roots =
        reader.archives(client.machine).stream().map(Message.Archive::root).toList();
    TransactionId deletion = begin(tidier);
    for (int i : new int[] {0, 1, 3, 4, 5, 8}) {
      delete(tidier, deletion, new BlockRef(BlockClass.ROOT, roots.get(i)));
    }
    tidier.commitDelete(client.machine, deletion);
    assertThat(reader.archives(client.machine))
        .extracting(Message.Archive::root)
        .containsExactly(roots.get(2), roots.get(6), roots.get(7));
    Message.DeletedReply page = reader.deletedPage(client.machine, roots.get(0), 3);
    assertThat(page.more()).isTrue();
    assertThat(page.archives())
        .extracting(each -> each.archive().root())
        .containsExactly(roots.get(1), roots.get(3), roots.get(4));
    page = reader.deletedPage(client.machine, roots.get(4), 3);
    assertThat(page.more()).isFalse();
    assertThat(page.archives()).hasSize(2);
  }

  @Test
  void backupAndDeletionTakeOverFromEachOther() throws Exception {
    List<BlockRef> chunks = client.backUp(writer, bytes(100, 1));
    TransactionId predecessor = writer.state(client.machine).committed();
    TransactionId deletion = begin(tidier);
    assertThat(tidier.beginDelete(client.machine, deletion, predecessor, true)).isTrue();
    conflict(() -> writer.begin(client.machine, deletion, predecessor));
    conflict(() -> writer.has(client.machine, deletion, BlockClass.CHUNK, names()));
    conflict(() -> writer.commit(client.machine, deletion, null, 0));
    conflict(() -> writer.cancel(client.machine, deletion));
    conflict(() -> tidier.beginDelete(client.machine, names16(), names16(), true));

    TransactionId backup = client.begin(writer);
    conflict(() -> delete(tidier, deletion, chunks.get(0)));
    conflict(() -> nuker.deleteAll(client.machine, deletion));
    conflict(() -> tidier.commitDelete(client.machine, deletion));
    conflict(() -> tidier.cancelDelete(client.machine, backup));
    conflict(() -> tidier.commitDelete(client.machine, backup));
    conflict(() -> tidier.beginDelete(client.machine, backup, predecessor, true));

    TransactionId next = begin(tidier);
    conflict(() -> writer.commit(client.machine, backup, null, 0));
    tidier.cancelDelete(client.machine, next);
    conflict(() -> tidier.cancelDelete(client.machine, next));
    TransactionId last = begin(tidier);
    tidier.commitDelete(client.machine, last);
    conflict(() -> writer.commit(client.machine, last, null, 0));
    assertThat(client.fetch(reader, chunks)).hasSize(1);
  }

  @Test
  void undoingADeletionUndoesLaterOnesAndEndsTheOneThatIsOpen() throws Exception {
    List<BlockRef> chunks = client.backUp(writer, bytes(100, 1), bytes(100, 2), bytes(100, 3));
    TransactionId first = deleted(chunks.get(0));
    TransactionId second = deleted(chunks.get(1));
    TransactionId open = begin(tidier);
    delete(tidier, open, chunks.get(2));
    tidier.undelete(client.machine, first);
    assertThat(client.fetch(reader, chunks)).hasSize(3);
    conflict(() -> tidier.commitDelete(client.machine, open));
    // Of the earlier ones nothing changes with a later one.
    TransactionId third = deleted(chunks.get(0));
    TransactionId fourth = deleted(chunks.get(1));
    tidier.undelete(client.machine, second);
    assertThat(client.fetch(reader, chunks)).hasSize(1);
    tidier.undelete(client.machine, fourth);
    assertThat(client.fetch(reader, chunks)).containsOnlyKeys(1, 2);
    tidier.undelete(client.machine, third);
    assertThat(client.fetch(reader, chunks)).hasSize(3);
    refusedAs("can be undone", () -> tidier.undelete(client.machine, names16()));
  }

  @Test
  void everyKeyDeletesEverythingAndAllOfItComesBack() throws Exception {
    byte[][] bytes = new byte[1200][];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = bytes(5, i);
    }
    List<BlockRef> chunks = client.backUp(writer, bytes);
    TransactionId deletion = begin(nuker);
    nuker.deleteAll(client.machine, deletion);
    long records = service.shard().position().nextRecord();
    nuker.deleteAll(client.machine, deletion);
    assertThat(service.shard().position().nextRecord()).isEqualTo(records);
    assertThat(client.fetch(reader, chunks)).hasSize(1200);
    nuker.commitDelete(client.machine, deletion);
    assertThat(client.fetch(reader, chunks)).isEmpty();
    nuker.undelete(client.machine, deletion);
    assertThat(client.fetch(reader, chunks)).hasSize(1200);
  }

  @Test
  void blocksAreFreedWhenTheTimeIsOverAndNotBefore() throws Exception {
    List<BlockRef> chunks = client.backUp(writer, bytes(100, 1), bytes(100, 2));
    BlockName root = writer.state(client.machine).lastRoot();
    TransactionId first = begin(tidier);
    delete(tidier, first, chunks.get(0), new BlockRef(BlockClass.ROOT, root));
    tidier.commitDelete(client.machine, first);
    world.clock.sleepMillis(Service.Terms.GRACE_MILLIS / 2);
    TransactionId second = deleted(chunks.get(1));
    service.shard().freeing().round();
    assertThat(reader.state(client.machine).blocks()).isEqualTo(3);

    world.clock.sleepMillis(Service.Terms.GRACE_MILLIS / 2);
    service.shard().freeing().round();
    assertThat(reader.state(client.machine).blocks()).isEqualTo(1);
    assertThat(reader.deletedPage(client.machine, null, 5).archives()).isEmpty();
    refusedAs("can be undone", () -> tidier.undelete(client.machine, first));
    tidier.undelete(client.machine, second);
    assertThat(client.fetch(reader, chunks)).containsOnlyKeys(1);
  }

  @Test
  void deletionCanBeUndoneUntilTheServerFrees() throws Exception {
    List<BlockRef> chunks = client.backUp(writer, bytes(100, 1));
    TransactionId deletion = deleted(chunks.get(0));
    world.clock.sleepMillis(2 * Service.Terms.GRACE_MILLIS);
    tidier.undelete(client.machine, deletion);
    service.shard().freeing().round();
    assertThat(client.fetch(reader, chunks)).hasSize(1);
  }

  @Test
  void deletionThatIsUndoneInTimeIsNotLostToALogThatIsHeldUp() throws Exception {
    List<BlockRef> chunks = client.backUp(writer, bytes(100, 1));
    TransactionId deletion = deleted(chunks.get(0));
    world.clock.sleepMillis(Service.Terms.GRACE_MILLIS - 60_000);
    world.clock.hold(true);
    bucket.set(GatedBucket.Gate.FULL);
    assertThatThrownBy(() -> tidier.undelete(client.machine, deletion))
        .isInstanceOf(UnavailableException.class);
    bucket.set(GatedBucket.Gate.OPEN);
    awaitDurable();
    world.clock.hold(false);
    world.clock.sleepMillis(120_000);
    service.shard().freeing().round();
    tidier.undelete(client.machine, deletion);
    assertThat(client.fetch(reader, chunks)).hasSize(1);
  }

  /// Else what it leaves alone is chosen without what was brought back just now.
  @Test
  void deletionBeginsWhenWhatWasBroughtBackBeforeItIsShown() throws Exception {
    List<BlockRef> chunks = client.backUp(writer, bytes(100, 1));
    TransactionId deletion = deleted(chunks.get(0));
    Session other = connect(client, Right.TIDY);
    bucket.set(GatedBucket.Gate.CLOSED);
    var undoing =
        java.util.concurrent.CompletableFuture.supplyAsync(() ->
            outcomeOf(() -> {
              other.undelete(client.machine, deletion);
              return "done";
            }));
    while (service
        .shard()
        .<Boolean>read(state ->
            state.deletions(client.machine).values().stream().anyMatch(DeletionRow::canBeUndone))) {
      Thread.yield();
    }
    var shown =
        java.util.concurrent.CompletableFuture.supplyAsync(() ->
            outcomeOf(() -> {
              begin(tidier);
              return client.fetch(reader, chunks).size();
            }));
    assertThatThrownBy(() -> shown.get(300, TimeUnit.MILLISECONDS))
        .isInstanceOf(TimeoutException.class);
    bucket.set(GatedBucket.Gate.OPEN);
    assertThat(undoing.join()).isEqualTo("done");
    assertThat(shown.join()).isEqualTo(1);
  }

  @Test
  void undoneDeletionIsForgottenWhenItsTimeIsOver() throws Exception {
    List<BlockRef> chunks = client.backUp(writer, bytes(100, 1));
    TransactionId deletion = deleted(chunks.get(0));
    tidier.undelete(client.machine, deletion);
    world.clock.sleepMillis(Service.Terms.GRACE_MILLIS - 1);
    service.shard().freeing().round();
    tidier.undelete(client.machine, deletion);
    world.clock.sleepMillis(1);
    service.shard().freeing().round();
    assertThat(service.shard().<Integer>read(state -> state.deletions(client.machine).size()))
        .isZero();
    assertThat(client.fetch(reader, chunks)).hasSize(1);
    refusedAs("can be undone", () -> tidier.undelete(client.machine, deletion));
  }

  @Test
  void hiddenBlockThatIsStoredAgainIsThereTwiceUntilOneIsFreed() throws Exception {
    List<BlockRef> chunks = client.backUp(writer, bytes(100, 1));
    TransactionId deletion = deleted(chunks.get(0));
    TransactionId backup = client.begin(writer);
    BlockName name = chunks.get(0).name();
    assertThat(writer.has(client.machine, backup, BlockClass.CHUNK, List.of(name)).get(0))
        .isFalse();
    ByteBuffer bytes = ByteBuffer.wrap(bytes(100, 1));
    writer.store(client.machine, backup, BlockClass.CHUNK, name, bytes);
    writer.commit(client.machine, backup, null, 0);
    assertThat(client.fetch(reader, chunks)).hasSize(1);
    assertThat(reader.state(client.machine).blocks()).isEqualTo(3);
    world.clock.sleepMillis(Service.Terms.GRACE_MILLIS);
    service.shard().freeing().round();
    assertThat(reader.state(client.machine).blocks()).isEqualTo(2);
    assertThat(client.fetch(reader, chunks)).hasSize(1);
    refusedAs("can be undone", () -> tidier.undelete(client.machine, deletion));
  }

  /// The one who only knows what is durable must not be told that a block is there which a deletion
  /// on its way to the bucket hides.
  @Test
  void blockThatADeletionOnItsWayHidesIsNotThere() throws Exception {
    List<BlockRef> chunks = client.backUp(writer, bytes(100, 1));
    TransactionId deletion = begin(tidier);
    delete(tidier, deletion, chunks.get(0));
    awaitDurable();
    bucket.set(GatedBucket.Gate.CLOSED);
    var committing =
        java.util.concurrent.CompletableFuture.supplyAsync(
            () -> outcomeOf(() -> tidier.commitDelete(client.machine, deletion)));
    while (!service
        .shard()
        .read(state -> state.machine(client.machine))
        .orElseThrow()
        .committed()
        .id()
        .equals(deletion)) {
      Thread.yield();
    }
    TransactionId backup = TransactionId.random(Client.RANDOM);
    writer.begin(client.machine, backup, deletion);
    List<BlockName> names = List.of(chunks.get(0).name());
    assertThat(writer.has(client.machine, backup, BlockClass.CHUNK, names).get(0)).isFalse();
    bucket.set(GatedBucket.Gate.OPEN);
    committing.get();
  }

  @Test
  void deletionOfChunksAloneIsListed() throws Exception {
    List<BlockRef> chunks = client.backUp(writer, bytes(100, 1), bytes(100, 2), bytes(100, 3));
    TransactionId first = begin(tidier);
    delete(tidier, first, chunks.get(0), chunks.get(1), chunks.get(1));
    assertThat(deletions(0, 5).deletions()).as("nothing before the commit").isEmpty();
    long untilMillis = tidier.commitDelete(client.machine, first);
    TransactionId second = deleted(chunks.get(2));
    assertThat(reader.deletedPage(client.machine, null, 5).archives()).isEmpty();
    Message.DeletionsReply one = deletions(0, 1);
    assertThat(one.more()).isTrue();
    assertThat(one.deletions())
        .singleElement()
        .satisfies(each -> {
          assertThat(each.transaction()).isEqualTo(first);
          assertThat(each.blocks()).isEqualTo(2);
          assertThat(each.untilMillis()).isEqualTo(untilMillis);
          assertThat(untilMillis - each.deletedMillis()).isEqualTo(Service.Terms.GRACE_MILLIS);
        });
    Message.DeletionsReply rest = deletions(one.deletions().getFirst().number(), 1);
    assertThat(rest.more()).isFalse();
    assertThat(rest.deletions())
        .extracting(Message.MadeDeletion::transaction)
        .containsExactly(second);
    tidier.undelete(client.machine, second);
    assertThat(deletions(0, 5).deletions())
        .extracting(Message.MadeDeletion::transaction)
        .containsExactly(first);
  }

  @Test
  void emptyDeletionIsNotKept() throws Exception {
    client.backUp(writer, bytes(100, 1));
    TransactionId empty = begin(tidier);
    assertThat(tidier.commitDelete(client.machine, empty))
        .isEqualTo(tidier.commitDelete(client.machine, empty))
        .isLessThanOrEqualTo(world.clock.wallMillis());
    assertThat(deletions(0, 5).deletions()).isEmpty();
    service.shard().freeing().round();
    assertThat(service.shard().<Boolean>durable(rows -> rows.due(Long.MAX_VALUE).isEmpty()))
        .isTrue();
    assertThat(writer.state(client.machine).committed()).isEqualTo(empty);
  }

  @Test
  void commitOfADeletionThatWasUndoneMeanwhileIsNotAnsweredAsDone() throws Exception {
    List<BlockRef> chunks = client.backUp(writer, bytes(100, 1));
    TransactionId deletion = deleted(chunks.get(0));
    tidier.undelete(client.machine, deletion);
    assertThatThrownBy(() -> tidier.commitDelete(client.machine, deletion))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("undone meanwhile");
  }

  @Test
  void backupIsEndedOnlyByADeletionThatSaysSo() throws Exception {
    client.backUp(writer, bytes(100, 1));
    TransactionId backup = client.begin(writer);
    TransactionId predecessor = writer.state(client.machine).committed();
    TransactionId deletion = names16();
    assertThatThrownBy(() -> tidier.beginDelete(client.machine, deletion, predecessor, false))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("a backup of this machine");
    writer.has(client.machine, backup, BlockClass.CHUNK, names());
    assertThat(tidier.beginDelete(client.machine, deletion, predecessor, true)).isFalse();
    conflict(() -> writer.commit(client.machine, backup, null, 0));
    assertThat(tidier.beginDelete(client.machine, names16(), predecessor, false)).isFalse();
  }

  private Message.DeletionsReply deletions(long after, int limit) throws Exception {
    return reader.deletionsPage(client.machine, after, limit);
  }

  @Test
  void keysOfRunsAreNotDeletedOneByOne() throws Exception {
    TransactionId deletion = begin(tidier);
    refusedAs(
        "with everything", () -> tidier.delete(client.machine, deletion, BlockClass.RUN, names()));
  }

  private static Object outcomeOf(java.util.concurrent.Callable<?> call) {
    try {
      return call.call();
    } catch (Exception e) {
      return e;
    }
  }

  private TransactionId begin(Session session) throws Exception {
    TransactionId id = TransactionId.random(Client.RANDOM);
    TransactionId predecessor = session.state(client.machine).committed();
    assertThat(session.beginDelete(client.machine, id, predecessor, true)).isFalse();
    return id;
  }

  private TransactionId deleted(BlockRef ref) throws Exception {
    TransactionId id = begin(tidier);
    delete(tidier, id, ref);
    tidier.commitDelete(client.machine, id);
    return id;
  }

  private void delete(Session session, TransactionId deletion, BlockRef... refs) throws Exception {
    for (BlockRef ref : refs) {
      session.delete(client.machine, deletion, ref.blockClass(), List.of(ref.name()));
    }
  }

  private static TransactionId names16() {
    return TransactionId.random(Client.RANDOM);
  }

  private static void refused(ThrowingCallable call) {
    assertThatThrownBy(call).isInstanceOf(RefusedException.class).hasMessageContaining("proven");
  }

  private static void refusedAs(String why, ThrowingCallable call) {
    assertThatThrownBy(call).isInstanceOf(RefusedException.class).hasMessageContaining(why);
  }

  private static void conflict(ThrowingCallable call) {
    assertThatThrownBy(call).isInstanceOf(ConflictException.class);
  }
}
