package org.holdfast.cli.story;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.core.RefusedException;

/// Starts this same program as processes of their own, as a person would, and ends those that are
/// left.
final class Children implements AutoCloseable {
  private static final String CLIENT_HEAP = "-Xmx128m";
  private static final String SERVER_HEAP = "-Xmx1g";

  private final Surroundings surroundings;
  private final Path cache;
  private final Set<Child> running = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean closed = new AtomicBoolean();

  Children(Surroundings surroundings, Path cache) {
    this.surroundings = surroundings;
    this.cache = cache;
  }

  /// A client's or an operator's command.
  Child start(List<String> words) throws IOException, RefusedException {
    return start(CLIENT_HEAP, words);
  }

  Child startServer(List<String> words) throws IOException, RefusedException {
    return start(SERVER_HEAP, words);
  }

  private Child start(String heap, List<String> words) throws IOException, RefusedException {
    if (closed.get()) {
      throw new RefusedException("interrupted");
    }
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home", ""), "bin", "java").toString());
    command.addAll(javaOptions());
    command.add(heap);
    command.add("-cp");
    command.add(System.getProperty("java.class.path", ""));
    command.add("org.holdfast.cli.Main");
    command.addAll(words);
    ProcessBuilder builder = new ProcessBuilder(command);
    Map<String, String> variables = builder.environment();
    variables.keySet().removeIf(name -> name.startsWith("HOLDFAST_"));
    variables.put("HOLDFAST_CACHE", cache.toString());
    Child child = Child.start(builder, surroundings.spawner(), words.getFirst());
    running.add(child);
    if (closed.get()) {
      child.kill();
    }
    return child;
  }

  /// As this process was started, but for its heap and for tools that watch it.
  private static List<String> javaOptions() {
    return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(option -> !option.startsWith("-Xmx"))
        .filter(option -> !option.startsWith("-javaagent") && !option.startsWith("-agentlib"))
        .toList();
  }

  /// Kills those that still run. Any thread.
  @Override
  public void close() {
    closed.set(true);
    running.forEach(Child::kill);
  }
}
