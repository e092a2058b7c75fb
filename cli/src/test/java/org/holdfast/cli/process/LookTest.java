package org.holdfast.cli.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/// Looking into archives: differences, searching, proving, and taking all of it elsewhere. The last
/// two add to what the others look at, and damage it.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class LookTest {
  private Path home;
  private Program program;
  private Path files;

  @BeforeAll
  void makeTwoArchives(@TempDir Path folder) throws Exception {
    home = folder;
    program = new Program(home);
    files = Files.createDirectories(home.resolve("files"));
    write("same", "same");
    write("content", "before");
    write("touched", "touched");
    write("mode", "mode");
    write("gone", "gone");
    write("becomes", "a file");
    write("sub/Photo.JPG", "picture");
    byte[] large = new byte[6 << 20];
    new Random(7).nextBytes(large);
    Files.write(files.resolve("large"), large);
    program.run("init", "--service", "dir:bucket", "--machine", "m").succeeds();
    program.run("backup", "--name", "first", "files").succeeds();
    write("content", "after!");
    Files.setLastModifiedTime(
        files.resolve("touched"), FileTime.from(Instant.parse("2020-01-01T00:00:00Z")));
    Files.setPosixFilePermissions(
        files.resolve("mode"), PosixFilePermissions.fromString("rwxrwxrwx"));
    Files.delete(files.resolve("gone"));
    Files.delete(files.resolve("becomes"));
    Files.createDirectory(files.resolve("becomes"));
    write("new", "new");
    large[3 << 20]++;
    Files.write(files.resolve("large"), large);
    program.run("backup", "--name", "second", "files").succeeds();
  }

  @Test
  @Order(1)
  void diffSaysWhatHasChangedAndHow() throws Exception {
    Program.Outcome diff = program.run("diff", "first", "second").succeeds();
    assertThat(lines(diff))
        .anyMatch(line -> line.startsWith("M /content  (content, time"))
        .anyMatch(line -> line.startsWith("M /large  (content"))
        .anyMatch(line -> line.equals("U /touched  (time)"))
        .anyMatch(line -> line.startsWith("U /mode  (mode 0644 -> 0777"))
        .contains("- /gone", "+ /new")
        .anyMatch(line -> line.startsWith("T /becomes"))
        .noneMatch(line -> line.contains("/same"));
    // Of metadata also those of the folders above, in which this test works.
    assertThat(diff.errors())
        .anyMatch(line ->
            line.matches(
                "\\d+ differences: 1 came, 1 went, 2 with other content, 1 something else,"
                    + " \\d+ other metadata"));
    assertThat(lines(program.run("diff", "first", "second", "--content-only").succeeds()))
        .noneMatch(line -> line.startsWith("U"));
    assertThat(program.run("diff", "first:" + files + "/sub", "second").succeeds().output())
        .isEmpty();
    assertThat(program.run("diff", "second", "first", "--json").succeeds().output())
        .anyMatch(line -> line.contains("\"change\":\"added\"") && line.contains("/files/gone\""));
    Program.Outcome none = program.run("diff", "first", "first").succeeds();
    assertThat(none.output()).isEmpty();
    assertThat(none.errors()).containsExactly("no difference");
  }

  @Test
  @Order(2)
  void findLooksThroughAllArchives() throws Exception {
    List<String> found = program.run("find", "gone", "new").succeeds().output();
    assertThat(found).hasSize(5);
    assertThat(found.get(0)).startsWith("archive ").endsWith("second");
    assertThat(found.get(1)).isEqualTo(files + "/new");
    assertThat(found.get(2)).isEmpty();
    assertThat(found.get(3)).startsWith("archive ").endsWith("first");
    assertThat(found.get(4)).isEqualTo(files + "/gone");
    assertThat(program.run("find", "-i", "*.jpg", "-a", "first", "--json").succeeds().output())
        .hasSize(1)
        .allMatch(
            line -> line.contains("\"archive_name\":\"first\"") && line.contains("Photo.JPG"));
    assertThat(program.run("find", "*.jpg").succeeds().errors()).containsExactly("nothing matches");
    assertThat(program.run("find", "becomes/").succeeds().output()).hasSize(2);
  }

  @Test
  @Order(3)
  void statsCountWhatIsTheSameOnce() throws Exception {
    String all = program.run("stats", "--json").succeeds().last();
    assertThat(number(all, "archives")).isEqualTo(2);
    assertThat(number(all, "bytes")).isGreaterThan(12 << 20);
    // Of the large file, which has changed in one chunk, that chunk is there twice.
    assertThat(number(all, "bytes_different")).isBetween(6L << 20, 11L << 20);
    String first = program.run("stats", "first", "--json").succeeds().last();
    assertThat(number(first, "bytes_different")).isBetween(6L << 20, 7L << 20);
    assertThat(program.run("stats").succeeds().output()).hasSize(5);
  }

  @Test
  @Order(4)
  void verifyReadsWhatItIsAskedTo() throws Exception {
    assertThat(program.run("verify").succeeds().output())
        .anyMatch(line -> line.contains("content   0 of"))
        .anyMatch(line -> line.startsWith("whole"));
    String all = program.run("verify", "--read-data", "--json").succeeds().last();
    long chunks = number(all, "chunks");
    assertThat(chunks).isGreaterThan(4);
    assertThat(number(all, "chunks_read")).isEqualTo(chunks);
    long first = number(verify("--read-data-subset", "1/2"), "chunks_read");
    long second = number(verify("--read-data-subset", "2/2"), "chunks_read");
    assertThat(first + second).isEqualTo(chunks);
    program.run("verify", "--read-data-subset", "0%").fails(1, "is no share");
  }

  @Test
  @Order(6)
  void verifyNamesWhatIsDamaged() throws Exception {
    flipInTheLargestObject();
    Program.Outcome outcome = program.run("verify", "--read-data");
    assertThat(outcome.exitCode()).isEqualTo(1);
    assertThat(outcome.errors()).anyMatch(line -> line.contains("/files/large is not whole"));
    assertThat(outcome.output()).anyMatch(line -> line.startsWith("damaged"));
  }

  /// By the program that people have.
  @Test
  @Order(5)
  void tarReadsWhatIsExported() throws Exception {
    assertThat(Shell.run(home, "truncate -s 5M files/sparse; printf end >> files/sparse")).isZero();
    String name = "ä".repeat(120);
    write(name, "long name");
    assertThat(Shell.run(home, "printf odd > \"files/$(printf 'caf\\351')\"")).isZero();
    Files.createLink(files.resolve("zz link"), files.resolve("same"));
    Files.createSymbolicLink(files.resolve("symlink"), Path.of("same"));
    Files.setLastModifiedTime(
        files.resolve("same"), FileTime.from(Instant.parse("2019-05-06T07:08:09.123456789Z")));
    program.run("backup", "--name", "third", "files").succeeds();
    assertThat(Shell.run(home, "mkdir out && tar -xpf " + export("third") + " -C out")).isZero();
    assertThat(Shell.run(home, "diff -r files out" + files)).isZero();
    Path out = home.resolve("out" + files);
    assertThat(Files.getLastModifiedTime(out.resolve("same")).toInstant())
        .isEqualTo(Instant.parse("2019-05-06T07:08:09.123456789Z"));
    assertThat(Files.getAttribute(out.resolve("same"), "unix:nlink")).isEqualTo(2);
    assertThat(Shell.run(home, "test $(du -k out" + files + "/sparse | cut -f1) -lt 100")).isZero();
    try (Stream<Path> all = Files.list(out)) {
      assertThat(all.map(each -> each.getFileName().toString())).contains(name);
    }
    Path part = export("third:" + files + "/sub");
    assertThat(Shell.run(home, "tar -tf " + part + " | grep -q Photo.JPG")).isZero();
    program.run("export", "third:/nowhere").fails(1, "there is no such path");
  }

  /// The file that has the stream, which is no text.
  private Path export(String archive) throws Exception {
    Program.Running running = program.start("export", archive);
    assertThat(running.process().waitFor()).as(() -> String.join("\n", running.errors())).isZero();
    return running.out();
  }

  private void flipInTheLargestObject() throws Exception {
    Path largest;
    try (Stream<Path> all = Files.walk(home.resolve("bucket/log"))) {
      largest =
          all.filter(Files::isRegularFile)
              .max((a, b) -> Long.compare(a.toFile().length(), b.toFile().length()))
              .orElseThrow();
    }
    byte[] bytes = Files.readAllBytes(largest);
    bytes[bytes.length / 2] ^= 1;
    assertThat(Shell.run(home, "chmod u+w " + largest)).isZero();
    Files.write(largest, bytes);
  }

  private String verify(String... options) throws Exception {
    String[] words = new String[options.length + 2];
    words[0] = "verify";
    words[1] = "--json";
    System.arraycopy(options, 0, words, 2, options.length);
    return program.run(words).succeeds().last();
  }

  private static long number(String json, String field) {
    return Long.parseLong(json.replaceFirst(".*\"" + field + "\":(\\d+).*", "$1"));
  }

  /// Without the way to the files.
  private List<String> lines(Program.Outcome outcome) {
    return outcome.output().stream().map(line -> line.replace(files + "/", "/")).toList();
  }

  private void write(String name, String content) throws Exception {
    Path file = files.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
  }
}
