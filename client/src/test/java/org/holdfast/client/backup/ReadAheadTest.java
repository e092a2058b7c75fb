package org.holdfast.client.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.holdfast.client.tree.ExtendedAttribute;
import org.holdfast.client.tree.FileAccessException;
import org.holdfast.client.tree.FileStatus;
import org.holdfast.client.tree.MemoryTree;
import org.holdfast.client.tree.Metadata;
import org.holdfast.client.tree.SourceTree;
import org.holdfast.client.tree.TargetFile;
import org.holdfast.client.tree.Timestamp;
import org.holdfast.core.Bytes;
import org.holdfast.core.Spawner;
import org.junit.jupiter.api.Test;

final class ReadAheadTest {
  private static final Bytes KEY = Bytes.wrap(new byte[32]);
  private static final int TOGETHER = 4;

  private final MemoryTree tree = new MemoryTree();

  /// The first to be opened wait for each other: one after the other they would wait in vain.
  @Test
  void filesAreReadSeveralAtATimeAndTakenInOrder() throws Exception {
    CountDownLatch opened = new CountDownLatch(TOGETHER);
    SourceTree slow =
        opening(() -> {
          opened.countDown();
          assertThat(opened.await(20, TimeUnit.SECONDS)).isTrue();
        });
    try (ReadAhead ahead = new ReadAhead(slow, KEY, Spawner.platform())) {
      List<ReadAhead.Ahead> files = new ArrayList<>();
      for (int i = 0; i < 3 * TOGETHER; i++) {
        byte[] path = file("f" + i, ("content " + i).getBytes(StandardCharsets.US_ASCII));
        files.add(ahead.submit(path, tree.status(path)));
      }
      for (int i = 0; i < files.size(); i++) {
        SmallFile small = ahead.take(files.get(i)).orElseThrow();
        assertThat(new String(small.content(), 0, small.length(), StandardCharsets.US_ASCII))
            .isEqualTo("content " + i);
        assertThat(small.changed()).isFalse();
      }
    }
  }

  @Test
  void whatCannotBeReadIsToldToWhoTakesIt() throws Exception {
    try (ReadAhead ahead = new ReadAhead(tree, KEY, Spawner.platform())) {
      byte[] path = file("f", new byte[3]);
      var status = tree.status(path);
      tree.remove(path);
      ReadAhead.Ahead gone = ahead.submit(path, status);
      assertThatThrownBy(() -> ahead.take(gone)).isInstanceOf(FileAccessException.class);
    }
  }

  @Test
  void whatIsAnotherFileNowIsLeftToItsTurn() throws Exception {
    try (ReadAhead ahead = new ReadAhead(tree, KEY, Spawner.platform())) {
      byte[] path = file("f", new byte[3]);
      FileStatus status = tree.status(path);
      tree.remove(path);
      file("f", new byte[3]);
      assertThat(ahead.take(ahead.submit(path, status))).isEmpty();
    }
  }

  @Test
  void whatWaitsIsBounded() throws Exception {
    try (ReadAhead ahead = new ReadAhead(tree, KEY, Spawner.platform())) {
      byte[] path = file("f", new byte[SmallFile.LENGTH_MAX]);
      List<ReadAhead.Ahead> files = new ArrayList<>();
      while (ahead.hasRoom()) {
        files.add(ahead.submit(path, tree.status(path)));
      }
      assertThat(files).hasSizeBetween(8, 100);
      assertThat(ahead.take(files.getFirst())).isPresent();
      assertThat(ahead.hasRoom()).isTrue();
    }
  }

  /// What is left is dropped, and nobody reads any more: the tree is closed next.
  @Test
  void endsWhenNobodyReadsAnyMore() throws Exception {
    CountDownLatch opening = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    AtomicInteger opened = new AtomicInteger();
    SourceTree stuck =
        opening(() -> {
          opened.incrementAndGet();
          opening.countDown();
          goOn.await();
        });
    ReadAhead ahead = new ReadAhead(stuck, KEY, Spawner.platform());
    byte[] path = file("f", new byte[100]);
    for (int i = 0; i < 100; i++) {
      var _ = ahead.submit(path, tree.status(path));
    }
    opening.await();
    Thread closing = Thread.ofPlatform().start(ahead::close);
    assertThat(closing.join(Duration.ofMillis(200))).isFalse();
    goOn.countDown();
    assertThat(closing.join(Duration.ofSeconds(20))).isTrue();
    assertThat(opened.get()).isLessThan(20);
  }

  @Test
  void whatHasGrownOrHasManyAttributesIsLeftToItsTurn() throws Exception {
    try (ReadAhead ahead = new ReadAhead(tree, KEY, Spawner.platform())) {
      byte[] path = file("f", new byte[100]);
      FileStatus status = tree.status(path);
      try (TargetFile longer = tree.openExisting(path)) {
        longer.write(0, new byte[200], 0, 200);
      }
      assertThat(ahead.take(ahead.submit(path, status))).isEmpty();
      assertThat(ahead.take(ahead.submit(path, tree.status(path)))).isPresent();
      byte[] heavy = file("g", new byte[100], new byte[5000]);
      assertThat(ahead.take(ahead.submit(heavy, tree.status(heavy)))).isEmpty();
    }
  }

  @Test
  void withoutThreadsFilesAreReadAtTheirTurn() throws Exception {
    Spawner none =
        (_, _) -> {
          throw new OutOfMemoryError("unable to create native thread");
        };
    try (ReadAhead ahead = new ReadAhead(tree, KEY, none)) {
      byte[] path = file("f", new byte[100]);
      List<ReadAhead.Ahead> files = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        files.add(ahead.submit(path, tree.status(path)));
      }
      for (ReadAhead.Ahead each : files) {
        assertThat(ahead.take(each)).isPresent();
      }
    }
  }

  private byte[] file(String name, byte[] content) throws Exception {
    return file(name, content, new byte[0]);
  }

  private byte[] file(String name, byte[] content, byte[] attribute) throws Exception {
    byte[] path = name.getBytes(StandardCharsets.US_ASCII);
    List<ExtendedAttribute> attributes =
        List.of(
            new ExtendedAttribute(
                Bytes.wrap("user.a".getBytes(StandardCharsets.US_ASCII)), Bytes.wrap(attribute)));
    try (TargetFile file = tree.createFile(path)) {
      file.write(0, content, 0, content.length);
      file.finish(new Metadata(0644, 1, 1, new Timestamp(1, 1), attributes));
    }
    return path;
  }

  /// The tree, in which something happens before a file is opened.
  private SourceTree opening(Before before) {
    return (SourceTree)
        Proxy.newProxyInstance(
            SourceTree.class.getClassLoader(),
            new Class<?>[] {SourceTree.class},
            (_, method, arguments) -> {
              if (method.getName().equals("open")) {
                before.happens();
              }
              try {
                return method.invoke(tree, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private interface Before {
    void happens() throws InterruptedException;
  }
}
