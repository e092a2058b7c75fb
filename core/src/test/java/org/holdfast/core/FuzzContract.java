package org.holdfast.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What holds for every parser of bytes from outside, whatever these are (`docs/fuzzing.md`).
///
/// - It reads them, or throws the one exception that its caller is told to expect; nothing else.
/// - It allocates no more than [#allocatedMax] allows for that many bytes. Only the calling thread
///   is measured: a parser that handed its work to others would escape.
/// - What [#parse] itself asserts, mostly that what was read is written again to the same bytes.
///
/// A subclass is one target. The build runs it over its seeds, over the inputs that once failed (in
/// a folder of the target's name beside its other resources) and over some thousand changed seeds,
/// the same ones each time. Jazzer runs it through [#fuzzerTestOneInput], led by coverage.
public abstract class FuzzContract {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static FuzzContract target;

  /// Inputs that are read without an exception, and between them use all of the format.
  protected abstract List<byte[]> seeds() throws Exception;

  /// Reads the input, and throws an [AssertionError] if what comes of it is wrong.
  protected abstract void parse(byte[] input) throws Exception;

  /// What comes of input that is wrong.
  protected Class<? extends HoldfastException> refusal() {
    return CorruptException.class;
  }

  /// How many bytes [#parse] may allocate in all for an input of that length.
  protected long allocatedMax(int length) {
    return (1 << 18) + 128L * length;
  }

  /// How many changed seeds the build tries.
  protected int rounds() {
    return 5_000;
  }

  @Test
  void everySeedIsRead() throws Exception {
    List<byte[]> seeds = seeds();
    assertThat(seeds).isNotEmpty();
    for (byte[] seed : seeds) {
      parse(seed.clone());
    }
  }

  @Test
  void whatOnceFailedIsReadOrRefused() throws Exception {
    check(new byte[0]);
    for (Path each : failures()) {
      check(Files.readAllBytes(each));
    }
  }

  @Test
  void changedSeedsAreReadOrRefused() throws Exception {
    Mutations mutations = new Mutations(new Random(1), seeds());
    for (int round = 0; round < rounds(); round++) {
      check(mutations.next());
    }
  }

  /// Called by Jazzer with the target's name.
  public static void fuzzerInitialize(String[] names) throws ReflectiveOperationException {
    target = of(names[0]);
  }

  /// Called by Jazzer.
  public static void fuzzerTestOneInput(byte[] input) throws Exception {
    target.check(input);
  }

  /// Writes the seeds and past failures of a target into a folder, one file each.
  public static void main(String[] names) throws Exception {
    FuzzContract from = of(names[0]);
    Path folder = Files.createDirectories(Path.of(names[1]));
    List<byte[]> all = new ArrayList<>(from.seeds());
    for (Path each : from.failures()) {
      all.add(Files.readAllBytes(each));
    }
    for (int i = 0; i < all.size(); i++) {
      Files.write(folder.resolve("seed-" + i), all.get(i));
    }
  }

  private static FuzzContract of(String name) throws ReflectiveOperationException {
    var constructor = Class.forName(name).getDeclaredConstructor();
    constructor.setAccessible(true);
    return (FuzzContract) constructor.newInstance();
  }

  private List<Path> failures() throws Exception {
    URL folder = getClass().getResource(getClass().getSimpleName());
    if (folder == null) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(Path.of(folder.toURI()))) {
      return files.sorted().toList();
    }
  }

  private void check(byte[] input) throws Exception {
    long most = allocatedMax(input.length);
    long allocated = allocatedBy(input);
    if (allocated > most) {
      // The first time may have been somebody else's: classes and providers that were loaded.
      allocated = allocatedBy(input);
    }
    if (allocated > most) {
      throw new AssertionError(
          allocated + " bytes were allocated, " + most + " are allowed, for " + hex(input));
    }
  }

  private long allocatedBy(byte[] input) throws Exception {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    try {
      parse(input.clone());
    } catch (HoldfastException e) {
      if (!refusal().isInstance(e)) {
        throw new AssertionError("another exception than the one to expect: " + hex(input), e);
      }
    } catch (RuntimeException | Error e) {
      throw new AssertionError("neither read nor refused: " + hex(input), e);
    }
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }

  private static String hex(byte[] input) {
    String hex = HexFormat.of().formatHex(input, 0, Math.min(input.length, 2_000));
    return input.length + " bytes " + hex;
  }
}
