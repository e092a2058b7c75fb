package org.holdfast.client.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Runs a test's facts as a user who owns nothing but a folder: in this process if the tests do not
/// run as root, else in another one.
public final class OrdinaryUser {
  private static final String NOBODY = "65534";

  private OrdinaryUser() {}

  /// Calls `facts` in this process, or the class's `main` with the folder's path in another.
  public static void check(TemporaryFolder folder, Class<?> main, Facts facts) throws Exception {
    Path work = Files.createDirectory(folder.path("work"));
    if (!TemporaryFolder.isRoot()) {
      facts.check(work);
      return;
    }
    assumeTrue(TemporaryFolder.run("setpriv", "--version"), "setpriv changes the user");
    String path = copiedClassPath(folder);
    TemporaryFolder.run("chmod", "755", folder.path().toString());
    TemporaryFolder.run("chown", NOBODY, work.toString());
    Path output = folder.path("output");
    List<String> command =
        List.of(
            "setpriv",
            "--reuid=" + NOBODY,
            "--regid=" + NOBODY,
            "--clear-groups",
            System.getProperty("java.home") + "/bin/java",
            "--enable-native-access=ALL-UNNAMED",
            "-Djava.io.tmpdir=" + work,
            "-cp",
            path,
            main.getName(),
            work.toString());
    Process process =
        new ProcessBuilder(command)
            .directory(work.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertThat(process.waitFor()).as(() -> read(output)).isZero();
  }

  /// A copy of all classes, since others may not read the folder that the tests run in.
  private static String copiedClassPath(TemporaryFolder folder) throws IOException {
    StringBuilder path = new StringBuilder();
    int number = 0;
    String surefire = System.getProperty("surefire.test.class.path");
    String all = surefire != null ? surefire : System.getProperty("java.class.path");
    for (String element : all.split(File.pathSeparator)) {
      String copy = folder.path("classes-" + number++).toString();
      if (TemporaryFolder.run("cp", "-r", element, copy)) {
        path.append(copy).append(File.pathSeparator);
      }
    }
    return path.toString();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException failed) {
      return failed.toString();
    }
  }

  /// What is to hold for an ordinary user, in a folder that is the user's own.
  public interface Facts {
    void check(Path work) throws Exception;
  }
}
