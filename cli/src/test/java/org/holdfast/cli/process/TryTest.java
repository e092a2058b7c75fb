package org.holdfast.cli.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `holdfast try` holds on a home-like tree with every kind of entry, whoever runs it.
final class TryTest {
  private static final String NOBODY = "65534";

  @TempDir Path home;

  @Test
  void theWholeStoryHolds() throws Exception {
    Path tree = makeTree();
    check(new Program(home), tree);
  }

  @Test
  void theWholeStoryHoldsForAnOrdinaryUser() throws Exception {
    assumeTrue(isRoot(), "the other test has run as an ordinary user");
    Path tree = makeTree();
    Files.deleteIfExists(tree.resolve("null"));
    check(asOrdinaryUser(), tree);
  }

  @Test
  void theStoryHoldsWithoutWhatTheUserMayNotRead() throws Exception {
    Path tree = Files.createDirectory(home.resolve("tree"));
    Files.writeString(tree.resolve("open"), "open");
    Path file = Files.writeString(tree.resolve("closed"), "closed");
    Path folder = Files.createDirectory(tree.resolve("shut"));
    Files.writeString(folder.resolve("inside"), "inside");
    Program program = asOrdinaryUser();
    Files.setPosixFilePermissions(file, Set.of());
    Files.setPosixFilePermissions(folder, Set.of());
    Program.Outcome outcome = story(program, tree);
    assertThat(outcome.output()).allMatch(line -> line.length() < 80);
    assertThat(outcome.errors())
        .anyMatch(line -> line.contains("left out: closed: ") && line.contains("denied"))
        .anyMatch(line -> line.contains("left out: shut: ") && line.contains("denied"))
        .contains("2 files or folders had no part in it: this user may not read them");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
  }

  @Test
  void filesThatCannotBeReadGiveExitCodeThree() throws Exception {
    Path tree = Files.createDirectory(home.resolve("tree"));
    Files.writeString(tree.resolve("open"), "open");
    Path closed = Files.writeString(tree.resolve("closed"), "closed");
    Program program = asOrdinaryUser();
    Files.setPosixFilePermissions(closed, Set.of());
    program.run("init", "--service", "dir:bucket", "--machine", "m").succeeds();
    Program.Outcome outcome = program.run("backup", tree.toString());
    assertThat(outcome.exitCode()).isEqualTo(3);
    assertThat(outcome.errors()).hasSize(1);
    assertThat(outcome.errors().getFirst()).contains("tree/closed", "Permission denied");
    assertThat(program.run("ls", "latest:" + tree).succeeds().output())
        .contains(tree + "/open")
        .doesNotContain(tree + "/closed");
  }

  @Test
  void aKeyFileThatTheUserMayNotReadIsToldInOneLine() throws Exception {
    Path key = Files.writeString(home.resolve("key"), "whatever");
    Program program = asOrdinaryUser();
    Files.setPosixFilePermissions(key, Set.of());
    program
        .run("archives", "--keyfile", "key")
        .fails(1, "cannot read key file key: permission denied; run this as a user who may");
  }

  /// The program as a user who owns the home folder and nothing else.
  private Program asOrdinaryUser() throws Exception {
    if (!isRoot()) {
      return new Program(home);
    }
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/setpriv")), "there is no setpriv");
    String classPath = copyClassPath();
    run("chown -hR " + NOBODY + ":" + NOBODY, home);
    run("chmod 755", home);
    List<String> asNobody =
        List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups");
    return new Program(home, asNobody, classPath);
  }

  private void check(Program program, Path tree) throws Exception {
    story(program, tree);
    try (var left = Files.list(home)) {
      assertThat(left.filter(path -> path.toString().contains("holdfast-try"))).isEmpty();
    }
  }

  private static Program.Outcome story(Program program, Path tree) throws Exception {
    Program.Outcome outcome = program.movingMuch().run("try", tree.toString()).succeeds();
    assertThat(outcome.last()).isEqualTo("all of it held");
    return outcome;
  }

  /// Every kind of entry that a home folder may have.
  private Path makeTree() throws Exception {
    Path tree = Files.createDirectory(home.resolve("tree"));
    run(
        """
        mkdir -p docs/deep/er empty closed && chmod 711 closed
        printf text > docs/note; : > docs/nothing; ln docs/note docs/deep/same
        ln -s ../docs/note docs/link; ln -s nowhere dangling; mkfifo pipe
        printf x > "$(printf 'latin-\\351')"; printf y > "$(printf 'new\\nline')"; printf z > 'ünï'
        truncate -s 8M sparse; printf middle | dd of=sparse bs=1 seek=4000000 conv=notrunc 2>&1
        head -c 3000000 /dev/urandom > big; i=0
        while [ $i -lt 200 ]; do echo "file $i" > docs/deep/er/$i; i=$((i+1)); done
        chmod 4755 docs/note; chmod 000 docs/nothing; chmod 600 docs/nothing
        touch -d '1969-12-31 23:59:58.123456789 UTC' docs/deep; touch -d @4102444800 docs/nothing
        touch -h -d @1000000000.000000001 dangling
        [ "$(id -u)" != 0 ] || { mknod null c 1 3; chown 1234:5678 big; }
        """,
        tree,
        false);
    try {
      Files.setAttribute(tree.resolve("big"), "user:colour", new byte[] {1, 2, 3});
    } catch (IOException | UnsupportedOperationException e) {
      // This file system has no attributes; the other kinds are there.
    }
    ServerSocketChannel.open(StandardProtocolFamily.UNIX)
        .bind(UnixDomainSocketAddress.of(tree.resolve("socket")))
        .close();
    return tree;
  }

  /// The class path where everybody can read it.
  private String copyClassPath() throws Exception {
    List<String> copies = new ArrayList<>();
    Path folder = Files.createDirectory(home.resolve("classes"));
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      Path copy = folder.resolve(copies.size() + "-" + Path.of(entry).getFileName());
      run("cp -rL '" + entry + "'", copy);
      copies.add(copy.toString());
    }
    return String.join(File.pathSeparator, copies);
  }

  private void run(String command, Path last) throws Exception {
    run(command + " '" + last + "'", home, true);
  }

  private static void run(String script, Path folder, boolean oneLine) throws Exception {
    Process process =
        new ProcessBuilder("/bin/sh", "-ec", script)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(script + ": " + output).isZero();
    assertThat(oneLine || Files.exists(folder)).isTrue();
  }

  private static boolean isRoot() {
    return "root".equals(System.getProperty("user.name"));
  }
}
