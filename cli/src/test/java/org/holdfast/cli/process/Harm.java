package org.holdfast.cli.process;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.holdfast.core.HoldfastException;
import org.holdfast.server.index.Batch;
import org.holdfast.server.index.Index;
import org.holdfast.server.index.RocksIndex;

/// What a power cut, or a disk in its wake, may have made of a server's state folder.
enum Harm {
  /// Bytes of the index's tables are others.
  TABLE_CHANGED {
    @Override
    void on(Path state, SplittableRandom random) throws IOException {
      for (Path each : files(state.resolve("index"), ".sst")) {
        change(each, random);
      }
    }
  },
  TABLE_CUT {
    @Override
    void on(Path state, SplittableRandom random) throws IOException {
      for (Path each : files(state.resolve("index"), ".sst")) {
        cut(each, random);
      }
    }
  },
  TABLE_GONE {
    @Override
    void on(Path state, SplittableRandom random) throws IOException {
      for (Path each : files(state.resolve("index"), ".sst")) {
        Files.delete(each);
      }
    }
  },
  /// Rows of blocks are gone, and the index's own files do not say so.
  ROWS_GONE {
    @Override
    void on(Path state, SplittableRandom random) throws IOException {
      try (Index index = RocksIndex.open(state.resolve("index"))) {
        Batch batch = new Batch();
        index.scan(
            new byte[] {'b'},
            (key, _) -> {
              if (random.nextBoolean()) {
                batch.delete(key);
              }
            });
        index.write(batch);
        index.flush();
      } catch (HoldfastException e) {
        throw new IOException(e);
      }
    }
  },
  MANIFEST_CHANGED {
    @Override
    void on(Path state, SplittableRandom random) throws IOException {
      for (Path each : files(state.resolve("index"), "MANIFEST-")) {
        change(each, random);
      }
    }
  },
  MANIFEST_CUT {
    @Override
    void on(Path state, SplittableRandom random) throws IOException {
      for (Path each : files(state.resolve("index"), "MANIFEST-")) {
        cut(each, random);
      }
    }
  },
  /// Which manifest counts: it is empty, as files are whose names came to the disk before them.
  CURRENT_EMPTY {
    @Override
    void on(Path state, SplittableRandom random) throws IOException {
      Files.write(state.resolve("index/CURRENT"), new byte[0]);
    }
  },
  CURRENT_CHANGED {
    @Override
    void on(Path state, SplittableRandom random) throws IOException {
      Files.writeString(state.resolve("index/CURRENT"), "MANIFEST-999999\n");
    }
  },
  /// A log of the index's own, which it never writes.
  LOG_OF_THE_INDEX {
    @Override
    void on(Path state, SplittableRandom random) throws IOException {
      garbage(state.resolve("index/000999.log"), random);
    }
  },
  OPTIONS_CHANGED {
    @Override
    void on(Path state, SplittableRandom random) throws IOException {
      for (Path each : files(state.resolve("index"), "OPTIONS-")) {
        garbage(each, random);
      }
    }
  },
  /// The mark of a clean stop has come back with the power.
  CLEAN_MARK {
    @Override
    void on(Path state, SplittableRandom random) throws IOException {
      garbage(state.resolve("clean"), random);
    }
  },
  /// All that is beside the index.
  NOTES_CHANGED {
    @Override
    void on(Path state, SplittableRandom random) throws IOException {
      for (String each : List.of("damaged", "scrub", "overrides", "state.lock")) {
        garbage(state.resolve(each), random);
      }
    }
  },
  EMPTIED {
    @Override
    void on(Path state, SplittableRandom random) throws IOException {
      KillMachine.delete(state);
    }
  },
  HALF_GONE {
    @Override
    void on(Path state, SplittableRandom random) throws IOException {
      for (Path each : files(state.resolve("index"), "")) {
        if (random.nextBoolean()) {
          Files.delete(each);
        }
      }
    }
  },
  /// The names came to the disk, and nothing else.
  ALL_EMPTY {
    @Override
    void on(Path state, SplittableRandom random) throws IOException {
      for (Path each : files(state.resolve("index"), "")) {
        Files.write(each, new byte[0]);
      }
    }
  },
  /// What rebuilds leave behind that were cut off.
  HALF_A_REBUILD {
    @Override
    void on(Path state, SplittableRandom random) throws IOException {
      for (String each :
          List.of("rebuild/headers", "index.rebuilt/000004.sst", "index.replaced/X")) {
        Files.createDirectories(state.resolve(each).getParent());
        garbage(state.resolve(each), random);
      }
      if (random.nextBoolean()) {
        KillMachine.delete(state.resolve("index"));
      }
    }
  },
  FILE_FOR_THE_INDEX {
    @Override
    void on(Path state, SplittableRandom random) throws IOException {
      KillMachine.delete(state.resolve("index"));
      garbage(state.resolve("index"), random);
    }
  },
  FOLDERS_FOR_FILES {
    @Override
    void on(Path state, SplittableRandom random) throws IOException {
      for (String each : List.of("damaged", "scrub", "overrides", "clean", "index/CURRENT")) {
        Files.deleteIfExists(state.resolve(each));
        Files.createDirectories(state.resolve(each));
      }
    }
  };

  abstract void on(Path state, SplittableRandom random) throws IOException;

  private static List<Path> files(Path folder, String named) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(each -> each.getFileName().toString().contains(named)).sorted().toList();
    }
  }

  private static void garbage(Path file, SplittableRandom random) throws IOException {
    byte[] bytes = new byte[1 + random.nextInt(3000)];
    random.nextBytes(bytes);
    Files.write(file, bytes);
  }

  private static void change(Path file, SplittableRandom random) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    for (int i = 0; i < 8 && bytes.length > 0; i++) {
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 + random.nextInt(255));
    }
    Files.write(file, bytes);
  }

  private static void cut(Path file, SplittableRandom random) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(random.nextLong(channel.size() + 1));
    }
  }
}
