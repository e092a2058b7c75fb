package org.holdfast.cli.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a backup takes in and leaves out, as a person says it. Each case is looked at without a key
/// first, and both must say the same.
final class SelectionTest {
  @TempDir Path home;
  private Program program;

  @BeforeEach
  void makeFiles() throws Exception {
    program = new Program(home);
    write("files/a.c", "source");
    write("files/a.o", "object");
    write("files/keep.o", "kept");
    write("files/build/out", "out");
    write("files/sub/build/out", "out");
    write("files/sub/b.O", "object");
    write("files/cache/CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55\n# more");
    write("files/cache/thing", "again");
    write("files/cache/deep/thing", "again");
    write("files/other/CACHEDIR.TAG", "no cache");
    write("files/other/thing", "once");
    write("files/large", "x".repeat(3_000));
  }

  private void init() throws Exception {
    program.run("init", "--service", "dir:bucket", "--machine", "m").succeeds();
  }

  @Test
  void patternsDecideInTheirOrder() throws Exception {
    assertThat(kept("-e", "*.o", "-e", "build/", "files"))
        .contains("a.c", "sub/b.O", "large")
        .doesNotContain("a.o", "keep.o", "build", "build/out", "sub/build");
    assertThat(kept("-e", "*.o", "--include", "keep.o", "files"))
        .contains("keep.o")
        .doesNotContain("a.o");
    assertThat(kept("--include", "keep.o", "-e", "*.o", "files")).doesNotContain("keep.o");
    assertThat(kept("--iexclude=*.o", "files")).doesNotContain("a.o", "sub/b.O");
    assertThat(kept("--exclude=" + home + "/files/build", "files"))
        .contains("sub/build/out")
        .doesNotContain("build", "build/out");
    // What was asked for by its path is taken, whatever a pattern says.
    assertThat(kept("-e", "files", "files/a.c")).containsExactly("a.c");
  }

  @Test
  void patternsComeFromFilesToo() throws Exception {
    write("patterns", "# nothing that can be made again\n*.o\n!keep.o\n\nbuild/\n");
    assertThat(kept("--exclude-file", "patterns", "files"))
        .contains("keep.o", "sub/b.O")
        .doesNotContain("a.o", "build", "sub/build");
    assertThat(kept("--iexclude-file", "patterns", "files")).doesNotContain("sub/b.O");
    assertThat(kept("--exclude-file", "patterns", "--include", "a.o", "files")).contains("a.o");
  }

  @Test
  void markedFoldersAreEmptyButForTheMark() throws Exception {
    assertThat(kept("--exclude-caches", "files"))
        .contains("cache", "cache/CACHEDIR.TAG", "other/thing", "other/CACHEDIR.TAG")
        .doesNotContain("cache/thing", "cache/deep", "cache/deep/thing");
    assertThat(kept("--exclude-if-present", "thing", "files"))
        .contains("cache", "cache/thing")
        .doesNotContain("cache/CACHEDIR.TAG", "other/CACHEDIR.TAG", "cache/deep");
    assertThat(kept("--exclude-if-present", "thing:again", "files"))
        .contains("other/CACHEDIR.TAG", "other/thing")
        .doesNotContain("cache/CACHEDIR.TAG");
  }

  @Test
  void sizeAndTimeCount() throws Exception {
    assertThat(kept("--exclude-larger-than", "2.9k", "files")).doesNotContain("large");
    assertThat(kept("--exclude-larger-than", "3000", "files")).contains("large");
    Path reference = write("reference", "");
    Instant later = Instant.now().plusSeconds(100);
    Files.setLastModifiedTime(reference, FileTime.from(later));
    Files.setLastModifiedTime(home.resolve("files/a.c"), FileTime.from(later.plusSeconds(1)));
    List<String> newer = kept("--newer", "reference", "files");
    assertThat(newer).contains("a.c", "sub", "cache/deep").doesNotContain("a.o", "large");
    assertThat(kept("--newer", "2000-01-01", "files")).contains("a.o");
    assertThat(kept("--newer", later.toString(), "files")).isEqualTo(newer);
  }

  @Test
  void pathsComeFromFilesAndFromOtherFolders() throws Exception {
    write("list", "a.c\nsub\n");
    assertThat(kept("-C", "files", "--files-from", "list"))
        .containsExactly("a.c", "sub", "sub/b.O", "sub/build", "sub/build/out");
    byte[] strange = {'f', 'i', 'l', 'e', 's', '/', (byte) 0xff, '\n', 'x'};
    assertThat(Shell.run(home, "printf 'odd' > \"$(printf 'files/\\377\\nx')\"")).isZero();
    Files.write(home.resolve("list0"), join(strange, "files/a.c".getBytes(StandardCharsets.UTF_8)));
    assertThat(kept("--files-from", "list0", "--null")).containsExactly("a.c", "\\xff\\x0ax");
  }

  @Test
  void aListedPathThatIsGoneIsToldAndTheOthersAreKept() throws Exception {
    init();
    write("list", "files/a.c\nfiles/gone\n");
    Program.Outcome outcome = program.run("backup", "--files-from", "list");
    assertThat(outcome.exitCode()).isEqualTo(3);
    assertThat(outcome.errors()).anyMatch(line -> line.contains("/files/gone"));
    assertThat(listed()).containsExactly("a.c");
  }

  @Test
  void whatIsMadeUpIsLeftOut() throws Exception {
    Program.Outcome outcome =
        program.run("backup", "-n", "--json", "-e", "/*", "--include", "/proc", "/").succeeds();
    assertThat(outcome.last())
        .contains("\"dry_run\":true")
        .doesNotContain("\"synthetic_skipped\":0");
  }

  @Test
  void aStreamIsAFile() throws Exception {
    init();
    assertThat(
            Shell.run(
                home, program.line("backup", "--stdin", "--name", "piped") + " < files/large"))
        .isZero();
    program.run("restore", "piped", "--target", "back").succeeds();
    assertThat(home.resolve("back/stdin")).hasSameBinaryContentAs(home.resolve("files/large"));
    program
        .run(
            "backup", "--stdin-name", "x/dump", "--stdin-from-command", "--", "sh", "-c", "echo $0")
        .succeeds();
    assertThat(program.run("ls", "latest").succeeds().output())
        .containsExactly("/", "/x", "/x/dump");
    program.run("restore", "latest:/x/dump", "--target", "second").succeeds();
    assertThat(home.resolve("second/dump")).hasContent("sh\n");
  }

  @Test
  void aCommandThatFailsMakesNoArchive() throws Exception {
    init();
    program
        .run("backup", "--stdin-from-command", "--", "sh", "-c", "echo half; exit 3")
        .fails(1, "sh failed with exit code 3", "no archive was made");
    program.run("backup", "--stdin-from-command", "--", "no such").fails(1, "cannot start no such");
    assertThat(program.run("archives").succeeds().output()).isEmpty();
    refuses("needs a command", "--stdin-from-command");
    refuses("is all of an archive", "--stdin", "files");
    refuses("leave --files-from and -C out", "--stdin", "--files-from", "list");
  }

  @Test
  void whatCannotBeMeantIsRefused() throws Exception {
    refuses("has a [ without its ]", "-e", "[a", "files");
    refuses("is no size", "--exclude-larger-than", "many", "files");
    refuses("is no time and no file", "--newer", "yesteryear", "files");
    refuses("cannot read nowhere", "--exclude-file", "nowhere", "files");
    refuses("nothing to back up was named", "--json");
    refuses("--exclude has an empty value", "--exclude", "", "files");
    refuses("without a /", "--exclude-if-present", "a/b", "files");
  }

  private void refuses(String why, String... options) throws Exception {
    Program.Outcome outcome = program.run(words("backup", options));
    assertThat(outcome.exitCode()).isEqualTo(1);
    assertThat(outcome.errors()).hasSize(1).allMatch(line -> line.contains(why));
  }

  @Test
  void aBackupKeepsWhatALookSays() throws Exception {
    init();
    String[] options = {"-e", "*.o", "--include", "keep.o", "--exclude-caches", "files"};
    List<String> would = kept(options);
    assertThat(would).contains("keep.o", "cache/CACHEDIR.TAG").doesNotContain("a.o");
    program.run(words("backup", options)).succeeds();
    assertThat(listed()).isEqualTo(would);
  }

  /// The paths below `files` that a backup would keep. To say that needs no key.
  private List<String> kept(String... options) throws Exception {
    Program.Outcome looked =
        program.run(
            words("backup", words("-n", words("-v", words("--keyfile", words("none", options))))));
    assertThat(looked.exitCode()).isZero();
    return below(looked.output());
  }

  private List<String> listed() throws Exception {
    return below(program.run("ls", "latest").succeeds().output());
  }

  private List<String> below(List<String> lines) {
    String prefix = home + "/files/";
    List<String> below = new ArrayList<>();
    for (String line : lines) {
      if (line.startsWith(prefix)) {
        below.add(line.substring(prefix.length()));
      }
    }
    return below;
  }

  private static String[] words(String first, String... others) {
    String[] all = new String[others.length + 1];
    all[0] = first;
    System.arraycopy(others, 0, all, 1, others.length);
    return all;
  }

  private static byte[] join(byte[] first, byte[] second) {
    byte[] all = new byte[first.length + 1 + second.length];
    System.arraycopy(first, 0, all, 0, first.length);
    System.arraycopy(second, 0, all, first.length + 1, second.length);
    return all;
  }

  private Path write(String name, String content) throws Exception {
    Path file = home.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, content);
  }
}
