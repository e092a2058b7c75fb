package org.holdfast.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// A program to compare, as it is installed.
///
/// @param title as a table calls it
/// @param obstacle why it cannot take part; empty if it can
record Program(Kind kind, String title, Optional<String> obstacle) {
  String name() {
    return name(kind);
  }

  static String name(Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  /// One that takes part if `file` can be asked for its version.
  static Program of(Kind kind, String file, Path log) throws InterruptedException {
    boolean isBorg = kind == Kind.BORG || kind == Kind.SSH;
    return version(file, isBorg ? "--version" : "version", log)
        .map(version -> new Program(kind, kind.title(version), Optional.empty()))
        .orElseGet(() -> new Program(kind, name(kind), Optional.of("not installed")));
  }

  /// This, if there is nothing else in its way.
  Program unless(Optional<String> another) {
    return obstacle.isPresent() ? this : new Program(kind, title, another);
  }

  /// Its name and version; empty if it cannot be run.
  static Optional<String> version(String file, String question, Path log)
      throws InterruptedException {
    try {
      String answer = new Command(Map.of(), log).ask(Path.of("."), List.of(file, question));
      return Optional.of(answer.replaceAll("(\\S+ \\S+).*", "$1"));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
