package org.holdfast.cli.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.holdfast.core.Bytes;
import org.holdfast.core.MachineId;
import org.holdfast.seal.Argon2id;
import org.holdfast.seal.KeyFile;
import org.holdfast.seal.KeyFileFormat;
import org.holdfast.seal.MachineKeys;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What the launcher starts Java with, in a package whose Java says what it was given.
@Timeout(60)
final class LauncherTest {
  private static final String AWAY = "backup.example:7333";
  private static final Path LAUNCHER = Path.of("..", "holdfast");

  @TempDir Path folder;

  private Path launcher;

  @BeforeEach
  void makePackage() throws Exception {
    launcher = Files.copy(LAUNCHER, folder.resolve("holdfast"));
    Files.createDirectories(folder.resolve("program/lib"));
    Files.createFile(folder.resolve("program/holdfast-cli-1.jar"));
    Path java = Files.createDirectories(folder.resolve("runtime/bin")).resolve("java");
    Files.writeString(java, "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
    assertThat(java.toFile().setExecutable(true)).isTrue();
    assertThat(launcher.toFile().setExecutable(true)).isTrue();
  }

  @Test
  void clientOfAServerHasASmallHeap() throws Exception {
    Path key = key("key", AWAY);
    assertThat(heap(key, "backup", "/home")).isEqualTo("-Xmx76m");
    assertThat(heap(key, "restore", "latest", "--target", "/tmp/back")).isEqualTo("-Xmx96m");
  }

  @Test
  void serviceInsideTheClientHasRoom() throws Exception {
    for (String service : List.of("dir:/srv/bucket", "s3://bucket/prefix")) {
      Path key = key(service.substring(0, 2), service);
      assertThat(heap(key, "backup", "/home")).as(service).isEqualTo("-Xmx128m");
      assertThat(heap(key, "restore", "latest", "--target", "/tmp/back")).isEqualTo("-Xmx128m");
    }
  }

  @Test
  void keyOfAPassphraseHasRoom() throws Exception {
    byte[] text =
        KeyFileFormat.write(
            keys(AWAY), "secret".toCharArray(), new Argon2id(1024, 2, 2), new SecureRandom());
    Path key = Files.write(folder.resolve("key"), text);
    assertThat(heap(key, "backup", "/home")).isEqualTo("-Xmx128m");
  }

  @Test
  void keyThatCannotBeReadMayBeAnything() throws Exception {
    assertThat(heap(folder.resolve("none"), "backup", "/home")).isEqualTo("-Xmx128m");
    Path rubbish = Files.writeString(folder.resolve("rubbish"), "no key\n");
    assertThat(heap(rubbish, "backup", "/home")).isEqualTo("-Xmx128m");
  }

  @Test
  void keyOfTheCommandLineGoesFirst() throws Exception {
    Path inside = key("inside", "dir:/srv/bucket");
    Path away = key("away", AWAY);
    assertThat(heap(inside, "backup", "--keyfile", away.toString(), "/home")).isEqualTo("-Xmx76m");
    assertThat(heap(inside, "backup", "--keyfile=" + away, "/home")).isEqualTo("-Xmx76m");
    assertThat(heap(inside, "backup", "/home")).isEqualTo("-Xmx128m");
  }

  @Test
  void argumentsComeThroughAsTheyAre() throws Exception {
    List<String> words = run(key("key", AWAY), "backup", "two words", "*", "");
    assertThat(words).endsWith("org.holdfast.cli.Main", "backup", "two words", "*", "");
  }

  private Path key(String name, String service) throws Exception {
    return Files.write(folder.resolve(name), KeyFileFormat.write(keys(service)));
  }

  private static KeyFile keys(String service) {
    SecureRandom random = new SecureRandom();
    boolean isAway = service.equals(AWAY);
    return new KeyFile(
        List.of(service),
        isAway ? Optional.of(Bytes.wrap(new byte[32])) : Optional.empty(),
        "web",
        MachineId.random(random),
        MachineKeys.random(random),
        Optional.empty());
  }

  private String heap(Path key, String... arguments) throws Exception {
    return run(key, arguments).stream().filter(word -> word.startsWith("-Xmx")).findFirst().get();
  }

  private List<String> run(Path key, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(launcher.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("HOLDFAST_KEYFILE", key.toString());
    Process process = builder.start();
    byte[] out = process.getInputStream().readAllBytes();
    byte[] trouble = process.getErrorStream().readAllBytes();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(new String(trouble, StandardCharsets.UTF_8)).isEmpty();
    String text = new String(out, StandardCharsets.UTF_8);
    return List.of(text.substring(0, text.length() - 1).split("\n", -1));
  }
}
