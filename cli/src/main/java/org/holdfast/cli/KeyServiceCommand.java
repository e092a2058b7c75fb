package org.holdfast.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import org.holdfast.cli.console.ExitCode;
import org.holdfast.cli.console.Failure;
import org.holdfast.cli.console.Output;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.cli.link.ServiceAddress;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.seal.KeyFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// Writes other addresses into a key file.
@Command(
    name = "service",
    description = {
      "Change where the key file's service is: all of its servers' addresses, which are asked"
          + " in this order. `holdfast key show` says which are in it."
    },
    footer = {
      "",
      "A server's key stays as it is: all servers of a service show the same one.",
      "",
      "Example:",
      "  holdfast key service a.example.org:7420 b.example.org:7420"
    })
final class KeyServiceCommand implements Callable<Integer> {
  @Mixin private final KeyOptions keys;
  @Mixin private final Output output;

  @Parameters(arity = "1..*", paramLabel = "ADDR", description = "HOST:PORT, each of them.")
  private List<String> addresses = List.of();

  KeyServiceCommand(Surroundings surroundings) {
    this.keys = new KeyOptions(surroundings);
    this.output = new Output(surroundings.terminal());
  }

  @Override
  public Integer call() throws HoldfastException, Failure {
    List<ServiceAddress> wanted = new ArrayList<>();
    for (String address : addresses) {
      wanted.add(ServiceAddress.parse(address));
    }
    KeyOptions.Opened own = keys.read(keys.path());
    try {
      checkSameKind(own.file(), wanted);
      List<String> services = wanted.stream().map(ServiceAddress::toString).toList();
      keys.replace(keys.path(), own.file().at(services), own.passphrase());
    } finally {
      Arrays.fill(own.passphrase(), '\0');
    }
    output.say(keys.path() + " names " + String.join(", ", addresses));
    return ExitCode.DONE;
  }

  /// A key file of a service that runs inside the client holds other secrets than one of a server.
  private static void checkSameKind(KeyFile file, List<ServiceAddress> wanted)
      throws RefusedException {
    boolean hasServer = file.serverKey().isPresent();
    for (ServiceAddress address : wanted) {
      if (hasServer != address instanceof ServiceAddress.Remote) {
        throw new RefusedException(
            hasServer
                ? "this key file is for a server: its addresses are HOST:PORT, not " + address
                : "this key file is for a bucket that the client opens itself, not for " + address);
      }
    }
    if (!hasServer && wanted.size() > 1) {
      throw new RefusedException("a bucket has one address");
    }
  }
}
