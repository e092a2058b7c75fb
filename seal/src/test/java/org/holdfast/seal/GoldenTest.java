package org.holdfast.seal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.MachineId;
import org.holdfast.seal.chunk.ChunkSizes;
import org.holdfast.seal.chunk.Chunker;
import org.junit.jupiter.api.Test;

/// What was written once is read for ever, and is still written the same.
///
/// The files are made from [TestRandom]. A missing one is written if the test runs with
/// `-Dholdfast.golden=write`; one that is there is never touched. What zstd makes of a content is
/// its own affair and may change with its version: such a block is only read.
final class GoldenTest {
  private static final Path FOLDER = Path.of("src/test/resources/org/holdfast/seal/golden");
  private static final char[] PASSPHRASE = "golden".toCharArray();
  private static final BlockName NAME = BlockName.of(new byte[32]);
  private static final byte[] REFERENCES = HexFormat.of().parseHex("a0a1a2a3");
  private static final byte[] NOISE = noise(200);

  private final TestRandom random = new TestRandom(20);
  private final MachineKeys keys = MachineKeys.random(random);
  private final KeyFile file =
      new KeyFile(
          List.of("backup.example.org:7843"),
          Optional.of(Bytes.ofHex("0f".repeat(32))),
          "golden",
          MachineId.of(new byte[16]),
          keys,
          Optional.of(Bytes.ofHex("00ff")));

  @Test
  void keyFile() throws Exception {
    byte[] golden = golden("key-file.txt", KeyFileFormat.write(file));
    assertThat(KeyFileFormat.read(golden, null)).isInstanceOf(KeyFileReading.Open.class);
    assertThat(KeyFileFormat.write(file)).isEqualTo(golden);
  }

  @Test
  void keyFileWithPassphrase() throws Exception {
    byte[] written = KeyFileFormat.write(file, PASSPHRASE, new Argon2id(1024, 2, 2), random);
    byte[] golden = golden("key-file-passphrase.txt", written);
    assertThat(KeyFileFormat.read(golden, PASSPHRASE)).isInstanceOf(KeyFileReading.Open.class);
    assertThat(written).isEqualTo(golden);
  }

  @Test
  void runBlockAndParts() throws Exception {
    try (Run run = Run.start(keys.write(), random, 3);
        Opener opener = new Opener(keys.read())) {
      byte[] runBlock = goldenHex("run-block.hex", run.block());
      byte[] chunk = goldenHex("chunk.hex", run.sealer().chunk(NAME, NOISE, 0, NOISE.length));
      byte[] page =
          goldenHex("page.hex", run.sealer().pair(BlockClass.PAGE, NAME, REFERENCES, NOISE));
      byte[] zeros = goldenHex("chunk-zstd.hex", run.sealer().chunk(NAME, new byte[5000], 0, 5000));
      opener.learn(run.blockName(), runBlock);
      assertThat(Opened.chunk(opener, NAME, chunk)).isEqualTo(NOISE);
      assertThat(opener.pair(BlockClass.PAGE, NAME, page).references()).isEqualTo(REFERENCES);
      assertThat(opener.pair(BlockClass.PAGE, NAME, page).content()).isEqualTo(NOISE);
      assertThat(Opened.chunk(opener, NAME, zeros)).isEqualTo(new byte[5000]);
      assertThat(run.block()).isEqualTo(runBlock);
    }
  }

  @Test
  void partsAreStillWrittenTheSame() throws Exception {
    try (Run run = Run.start(keys.write(), random, 3)) {
      byte[] chunk = run.sealer().chunk(NAME, NOISE, 0, NOISE.length);
      byte[] page = run.sealer().pair(BlockClass.PAGE, NAME, REFERENCES, NOISE);
      assertThat(chunk).isEqualTo(goldenHex("chunk.hex", chunk));
      assertThat(page).isEqualTo(goldenHex("page.hex", page));
    }
  }

  @Test
  void names() throws Exception {
    BlockNamer namer = new BlockNamer(keys.write().nameKey());
    String names =
        namer.chunk(NOISE, 0, NOISE.length)
            + "\n"
            + namer.pair(BlockClass.PAGE, REFERENCES, NOISE)
            + "\n"
            + namer.pair(BlockClass.ROOT, REFERENCES, NOISE)
            + "\n";
    assertThat(names).isEqualTo(goldenText("names.txt", names));
  }

  @Test
  void chunkBoundaries() throws Exception {
    byte[] data = noise(200_000);
    Arrays.fill(data, 80_000, 90_000, (byte) 0);
    Chunker chunker = new Chunker(keys.write().chunkingKey(), new ChunkSizes(512, 2048, 8192));
    StringBuilder cuts = new StringBuilder();
    for (int at = 0; at < data.length; ) {
      at = chunker.next(data, at, data.length, true);
      cuts.append(at).append('\n');
    }
    assertThat(cuts).hasToString(goldenText("chunk-boundaries.txt", cuts.toString()));
  }

  private static byte[] noise(int length) {
    byte[] noise = new byte[length];
    new TestRandom(21).nextBytes(noise);
    return noise;
  }

  private static byte[] goldenHex(String name, byte[] written) throws Exception {
    String lines =
        HexFormat.of().formatHex(written).replaceAll("(.{80})", "$1\n").strip().concat("\n");
    return HexFormat.of().parseHex(goldenText(name, lines).lines().collect(Collectors.joining()));
  }

  private static String goldenText(String name, String written) throws Exception {
    byte[] golden = golden(name, written.getBytes(StandardCharsets.UTF_8));
    return new String(golden, StandardCharsets.UTF_8);
  }

  private static byte[] golden(String name, byte[] written) throws Exception {
    Path path = FOLDER.resolve(name);
    if (!Files.exists(path) && "write".equals(System.getProperty("holdfast.golden"))) {
      Files.createDirectories(FOLDER);
      Files.write(path, written, StandardOpenOption.CREATE_NEW);
    }
    assertThat(path).as("golden file; see this class's doc").exists();
    return Files.readAllBytes(path);
  }
}
