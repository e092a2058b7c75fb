package org.holdfast.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.holdfast.core.HoldfastException;
import org.holdfast.protocol.BlockRef;
import org.holdfast.protocol.InviteToken;

/// The clients of `bench/drill`, in a process of their own: some restore, some back up, each as
/// soon as the last answer is there, or after a pause.
///
/// Each line of its input asks for a window: how long, and the pause, in milliseconds. It answers
/// with a [Window].
final class DrillLoad {
  private static final int RESTORED_BLOCKS = 200;
  private static final int BLOCKS_A_FETCH = 4;
  private static final int BLOCKS_A_BACKUP = 8;

  private final List<LoadClient> readers = new ArrayList<>();
  private final List<LoadClient> writers = new ArrayList<>();
  private final List<List<BlockRef>> stored = new ArrayList<>();

  private DrillLoad(int port, List<String> tokens)
      throws HoldfastException, GeneralSecurityException {
    for (int i = 0; i < tokens.size(); i++) {
      LoadClient client = new LoadClient(port, InviteToken.decode(tokens.get(i)));
      if (i % 3 == 2) {
        writers.add(client);
      } else {
        readers.add(client);
        stored.add(client.backUp(lengths(RESTORED_BLOCKS, i)));
      }
    }
  }

  /// Of every three tokens two are for clients that restore, one for one that backs up.
  static void run(int port, List<String> tokens)
      throws IOException, HoldfastException, GeneralSecurityException, InterruptedException {
    DrillLoad load = new DrillLoad(port, tokens);
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    System.out.println("ready");
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ", -1);
      System.out.println(load.window(Long.parseLong(words[0]), Long.parseLong(words[1])));
    }
    load.readers.forEach(LoadClient::close);
    load.writers.forEach(LoadClient::close);
  }

  private Window window(long millis, long pauseMillis) throws InterruptedException {
    long end = System.nanoTime() + millis * 1_000_000;
    List<Loop> restores = new ArrayList<>();
    List<Loop> backups = new ArrayList<>();
    for (int i = 0; i < readers.size(); i++) {
      LoadClient reader = readers.get(i);
      List<BlockRef> blocks = stored.get(i);
      restores.add(
          new Loop(
              end,
              pauseMillis,
              random -> {
                int from = random.nextInt(blocks.size() - BLOCKS_A_FETCH);
                reader.fetch(blocks.subList(from, from + BLOCKS_A_FETCH));
              }));
    }
    for (LoadClient writer : writers) {
      backups.add(
          new Loop(
              end,
              pauseMillis,
              random -> writer.backUp(lengths(BLOCKS_A_BACKUP, random.nextLong()))));
    }
    for (Loop each : restores) {
      each.thread.join();
    }
    for (Loop each : backups) {
      each.thread.join();
    }
    return new Window(Took.of(restores, millis), Took.of(backups, millis));
  }

  private static int[] lengths(int count, long seed) {
    return new SplittableRandom(seed)
        .ints(count, LoadClient.BLOCK_LENGTH_MIN, LoadClient.BLOCK_LENGTH_MAX)
        .toArray();
  }

  /// What one client does again and again until a moment.
  private static final class Loop {
    private final List<Long> nanos = new ArrayList<>();
    private final Thread thread;

    Loop(long endNanos, long pauseMillis, Work work) {
      thread = Thread.ofPlatform().start(() -> run(endNanos, pauseMillis, work));
    }

    private void run(long endNanos, long pauseMillis, Work work) {
      SplittableRandom random = new SplittableRandom(Thread.currentThread().threadId());
      try {
        for (long began = System.nanoTime(); began < endNanos; began = System.nanoTime()) {
          work.run(random);
          nanos.add(System.nanoTime() - began);
          if (pauseMillis > 0) {
            Thread.sleep(random.nextLong(2 * pauseMillis));
          }
        }
      } catch (HoldfastException e) {
        throw new IllegalStateException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private interface Work {
    void run(SplittableRandom random) throws HoldfastException;
  }

  /// What clients of one sort met: how many a second were answered, and how long that took, in
  /// milliseconds, at the median and at the 95th percentile.
  record Took(double aSecond, double median, double late) {
    private static Took of(List<Loop> loops, long millis) {
      long[] all =
          loops.stream().flatMap(loop -> loop.nanos.stream()).mapToLong(Long::longValue).toArray();
      if (all.length == 0) {
        throw new IllegalStateException("nothing was answered in a whole window");
      }
      Arrays.sort(all);
      return new Took(
          all.length * 1000.0 / millis,
          all[all.length / 2] / 1e6,
          all[all.length * 95 / 100] / 1e6);
    }

    private static Took parse(String[] words, int from) {
      return new Took(
          Double.parseDouble(words[from]),
          Double.parseDouble(words[from + 1]),
          Double.parseDouble(words[from + 2]));
    }

    @Override
    public String toString() {
      return String.format(Locale.ROOT, "%.4f %.4f %.4f", aSecond, median, late);
    }
  }

  /// What clients met in one window.
  record Window(Took restores, Took backups) {
    static Window parse(String line) {
      String[] words = line.split(" ", -1);
      return new Window(Took.parse(words, 0), Took.parse(words, 3));
    }

    @Override
    public String toString() {
      return restores + " " + backups;
    }
  }
}
