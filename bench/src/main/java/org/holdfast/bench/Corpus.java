package org.holdfast.bench;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Random;

/// Trees to back up, the same on every machine: each is a function of its seed.
enum Corpus {
  /// 100,000 files of 100 bytes to 2 MiB, 1.7 GB in all: mostly text like source code, a sixth of
  /// the bytes like compiled code.
  MIXED {
    @Override
    void make(Path folder, int scale) throws IOException {
      Random random = new Random(11);
      Text text = new Text(random);
      for (int i = 0; i < 100_000 / scale; i++) {
        Path file = folder.resolve("d%02d/e%02d/f%05d".formatted(i % 40, i / 40 % 60, i));
        int length = (int) Math.min(2 << 20, Math.exp(8.55 + 1.45 * random.nextGaussian()) + 100);
        Files.createDirectories(file.getParent());
        Files.write(
            file, i % 25 == 0 ? Text.binary(length * 5, random) : text.take(length, random));
      }
    }
  },
  /// 16 files of 256 MiB that do not compress.
  LARGE {
    @Override
    void make(Path folder, int scale) throws IOException {
      Random random = new Random(12);
      byte[] buffer = new byte[1 << 20];
      for (int i = 0; i < 16; i++) {
        try (OutputStream out =
            new BufferedOutputStream(
                Files.newOutputStream(folder.resolve("big%02d".formatted(i))))) {
          for (int mebibyte = 0; mebibyte < Math.max(1, 256 / scale); mebibyte++) {
            random.nextBytes(buffer);
            out.write(buffer);
          }
        }
      }
    }
  },
  /// 300,000 files of about 1 KiB in 3,000 folders.
  TINY {
    @Override
    void make(Path folder, int scale) throws IOException {
      Random random = new Random(13);
      Text text = new Text(random);
      for (int i = 0; i < 300_000 / scale; i++) {
        Path file = folder.resolve("d%02d/e%02d/f%06d".formatted(i % 30, i / 30 % 100, i));
        int length = (int) Math.min(16_384, Math.exp(6.93 + random.nextGaussian()));
        Files.createDirectories(file.getParent());
        byte[] bytes = new byte[length / 2];
        random.nextBytes(bytes);
        byte[] rest = text.take(length - bytes.length, random);
        try (OutputStream out = Files.newOutputStream(file)) {
          out.write(bytes);
          out.write(rest);
        }
      }
    }
  };

  abstract void make(Path folder, int scale) throws IOException;

  /// The corpus below `base`, or an `1 / scale` of it; made if it is not there yet.
  Path in(Path base, int scale) throws IOException {
    Path folder = base.resolve(name(scale));
    Path done = base.resolve(name(scale) + ".done");
    if (!Files.exists(done)) {
      Files.createDirectories(folder);
      make(folder, scale);
      Files.createFile(done);
    }
    return folder;
  }

  String name(int scale) {
    return name().toLowerCase(Locale.ROOT) + (scale == 1 ? "" : "-" + scale);
  }

  /// Text whose words are as unevenly common as a language's, so that it compresses like one.
  private static final class Text {
    private final byte[] pool;

    Text(Random random) {
      StringBuilder out = new StringBuilder(9 << 20);
      String[] words = new String[4000];
      for (int i = 0; i < words.length; i++) {
        StringBuilder word = new StringBuilder();
        for (int length = 2 + random.nextInt(9); length > 0; length--) {
          word.append((char) ('a' + random.nextInt(26)));
        }
        words[i] = word.toString();
      }
      while (out.length() < 8 << 20) {
        double skew = random.nextDouble();
        out.append(words[(int) (words.length * skew * skew * skew)]);
        out.append(random.nextInt(8) == 0 ? (random.nextInt(3) == 0 ? ";\n    " : "(") : " ");
      }
      pool = out.toString().getBytes(StandardCharsets.US_ASCII);
    }

    byte[] take(int length, Random random) {
      byte[] bytes = new byte[length];
      for (int done = 0; done < length; ) {
        int part = Math.min(length - done, 200 + random.nextInt(3000));
        System.arraycopy(pool, random.nextInt(pool.length - 4096), bytes, done, part);
        done += part;
      }
      return bytes;
    }

    static byte[] binary(int length, Random random) {
      byte[] bytes = new byte[Math.min(length, 2 << 20)];
      for (int i = 0; i < bytes.length; i += 8) {
        bytes[i] = (byte) random.nextInt();
        bytes[Math.min(i + 1, bytes.length - 1)] = (byte) random.nextInt(16);
        bytes[Math.min(i + 4, bytes.length - 1)] = (byte) (random.nextInt(4) * 16);
      }
      return bytes;
    }
  }
}
