package org.holdfast.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A restic repository behind a restic-rest-server, with an archive a day.
final class ResticRepository implements AutoCloseable {
  private static final int PORT = 18_087;

  private final Path folder;
  private final String restic;
  private final Process server;
  private final Relay relay;
  private final Command client;

  private ResticRepository(
      Path folder, String restic, Process server, Relay relay, Command client) {
    this.folder = folder;
    this.restic = restic;
    this.server = server;
    this.relay = relay;
    this.client = client;
  }

  static ResticRepository start(Path work, String restic, String restServer)
      throws IOException, InterruptedException {
    Path folder = Folders.fresh(work.resolve("reclaim-restic"));
    String repository = folder.resolve("repository").toString();
    String listen = "127.0.0.1:" + PORT;
    Process server =
        new Command(Map.of(), work.resolve("reclaim.log"))
            .start(
                folder, List.of(restServer, "--path", repository, "--no-auth", "--listen", listen));
    await();
    Map<String, String> environment =
        Map.of("RESTIC_PASSWORD", "pw", "RESTIC_CACHE_DIR", folder.resolve("cache").toString());
    ResticRepository made =
        new ResticRepository(
            folder,
            restic,
            server,
            Relay.to(PORT),
            new Command(environment, work.resolve("reclaim.log")));
    made.client.run(folder, made.words("init"));
    return made;
  }

  void backUp(Path tree, int day) throws IOException, InterruptedException {
    client.run(folder, words("backup", tree.toString(), "--tag", "day" + day));
  }

  Command.Measured delete(int day) throws IOException, InterruptedException {
    String list = client.ask(folder, words("snapshots", "--json", "--tag", "day" + day));
    Matcher id = Pattern.compile("\"short_id\":\"(\\w+)\"").matcher(list);
    if (!id.find()) {
      throw new IOException("restic shows no archive of day " + day);
    }
    long relayed = relay.bytes();
    Command.Measured deleted = client.run(folder, words("forget", id.group(1), "--prune"));
    Reclaim.say(
        "restic forget --prune: %.2f s, %.2f s of the processor, %s between client and server",
        deleted.seconds(), deleted.processorSeconds(), Reclaim.bytes(relay.bytes() - relayed));
    return deleted;
  }

  @Override
  public void close() throws IOException {
    relay.close();
    server.destroy();
  }

  private List<String> words(String... more) {
    List<String> all =
        new ArrayList<>(List.of(restic, "-q", "-r", "rest:http://127.0.0.1:" + relay.port()));
    all.addAll(List.of(more));
    return all;
  }

  private static void await() throws IOException, InterruptedException {
    for (int tries = 0; ; tries++) {
      try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), PORT)) {
        return;
      } catch (IOException e) {
        if (tries == 100) {
          throw e;
        }
        Thread.sleep(50);
      }
    }
  }
}
