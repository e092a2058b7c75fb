package org.holdfast.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.holdfast.cli.console.ExitCode;
import org.holdfast.cli.console.Failure;
import org.holdfast.cli.console.Failures;
import org.holdfast.cli.console.Output;
import org.holdfast.cli.console.Passphrases;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.cli.link.InsideService;
import org.holdfast.cli.link.ServiceAddress;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.MachineId;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;
import org.holdfast.protocol.InviteToken;
import org.holdfast.protocol.Message;
import org.holdfast.seal.KeyFile;
import org.holdfast.seal.MachineKeys;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Makes a machine's keys and registers it.
///
/// The keys are written beside their final place before the machine is registered, and get their
/// final name after: keys that a server knows are never lost, a key file that is there works, and
/// an init that was interrupted is finished by repeating it.
@Command(
    name = "init",
    description = "Make this machine's keys and register it with a service.",
    footer = {
      "",
      "Examples:",
      "  holdfast init --service b.example.org:7420 --invite hfi1_... --machine web1",
      "  holdfast init --service dir:/mnt/usb/backups --machine laptop --passphrase",
      "",
      "Nobody can bring a lost key file back: keep a copy of it away from this machine."
    })
final class InitCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Mixin private final KeyOptions keys;
  @Mixin private final Output output;

  @Option(
      names = "--service",
      required = true,
      paramLabel = "ADDR",
      description =
          "HOST:PORT, or dir:PATH or s3://BUCKET[/PREFIX] for a bucket without a server. Again for"
              + " each further server of the same service.")
  private List<String> services = List.of();

  @Option(
      names = "--invite",
      paramLabel = "TOKEN",
      description = "What the operator of the server handed out.")
  private @Nullable String invite;

  @Option(
      names = "--machine",
      required = true,
      paramLabel = "NAME",
      description = "What this machine is called at the service.")
  private String machine = "";

  @Option(names = "--passphrase", description = "Protect the key file with a passphrase.")
  private boolean protect;

  InitCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
    this.keys = new KeyOptions(surroundings);
    this.output = new Output(surroundings.terminal());
  }

  @Override
  public Integer call() throws HoldfastException, Failure {
    Path path = keys.path().toAbsolutePath();
    KeyPlace place = new KeyPlace(path);
    place.checkFree();
    checkName();
    List<ServiceAddress> addresses = addresses();
    ServiceAddress address = addresses.getFirst();
    Optional<InviteToken> token = token(address);
    Registration registration = new Registration(surroundings, keys.cacheFolder(), output);
    registration.checkPossible(address, place.hasUnfinished());
    KeyOptions.Opened own =
        place.hasUnfinished() ? resume(place, addresses, token) : make(place, addresses, token);
    try {
      register(registration, place, addresses, own.file(), token);
      keys.create(path, own.file(), own.passphrase());
      place.dropUnfinished();
    } catch (HoldfastException | Failure e) {
      if (registration.isDone()) {
        throw afterRegistration(place, e);
      }
      throw e;
    } finally {
      Arrays.fill(own.passphrase(), '\0');
    }
    output.say("machine " + machine + " is registered with " + address);
    output.say("its keys are in " + path + ": keep a copy of that file away from this machine");
    return ExitCode.DONE;
  }

  /// The service has the same rule, but by then a folder would have been made.
  private void checkName() throws RefusedException {
    int length = machine.getBytes(StandardCharsets.UTF_8).length;
    if (length > Message.MAX_MACHINE_NAME_BYTES) {
      throw new RefusedException(
          "a machine's name has at most %d bytes, and this one has %d: choose a shorter one"
              .formatted(Message.MAX_MACHINE_NAME_BYTES, length));
    }
  }

  private Optional<InviteToken> token(ServiceAddress address) throws HoldfastException {
    return switch (address) {
      case ServiceAddress.Inside _ -> {
        if (invite != null) {
          throw new RefusedException("a bucket needs no invite: leave --invite out");
        }
        yield Optional.empty();
      }
      case ServiceAddress.Remote _ -> {
        if (invite == null) {
          throw new RefusedException(
              "a server lets machines in by invite: ask its operator for one, give it with"
                  + " --invite");
        }
        yield Optional.of(InviteToken.decode(invite));
      }
    };
  }

  private KeyOptions.Opened make(
      KeyPlace place, List<ServiceAddress> addresses, Optional<InviteToken> token)
      throws HoldfastException, Failure {
    boolean inside = addresses.getFirst() instanceof ServiceAddress.Inside;
    KeyFile file =
        new KeyFile(
            texts(addresses),
            token.map(InviteToken::serverKey),
            machine,
            MachineId.random(surroundings.random()),
            MachineKeys.random(surroundings.random()),
            inside ? Optional.of(InsideService.newSecrets(surroundings)) : Optional.empty());
    char[] passphrase = protect ? new Passphrases(surroundings).choose(place.path()) : new char[0];
    place.makeFolder();
    keys.create(place.unfinished(), file, passphrase);
    return new KeyOptions.Opened(file, passphrase);
  }

  private KeyOptions.Opened resume(
      KeyPlace place, List<ServiceAddress> addresses, Optional<InviteToken> token)
      throws HoldfastException, Failure {
    KeyOptions.Opened own = keys.read(place.unfinished());
    boolean same =
        own.file().services().equals(texts(addresses))
            && own.file().machine().equals(machine)
            && own.file().serverKey().equals(token.map(InviteToken::serverKey));
    if (!same) {
      throw new RefusedException(
          "an init of machine "
              + own.file().machine()
              + " at "
              + String.join(", ", own.file().services())
              + " was not finished: repeat that one, or delete "
              + place.unfinished());
    }
    output.say("going on with the keys of an init that was not finished");
    return own;
  }

  private void register(
      Registration registration,
      KeyPlace place,
      List<ServiceAddress> addresses,
      KeyFile file,
      Optional<InviteToken> token)
      throws HoldfastException, Failure {
    try {
      register(registration, addresses, file, token);
    } catch (RefusedException e) {
      // Refused for good: the next try may be with another name or invite, and draws new keys.
      if (!registration.isDone()) {
        place.dropUnfinished();
      }
      throw e;
    } catch (UnavailableException e) {
      throw new Failure(
          ExitCode.NO_SERVICE,
          e.getMessage() + "; then repeat this command: the new keys wait in " + place.unfinished(),
          e);
    }
  }

  /// With the first that can: a standby cannot.
  private static void register(
      Registration registration,
      List<ServiceAddress> addresses,
      KeyFile file,
      Optional<InviteToken> token)
      throws HoldfastException, Failure {
    for (ServiceAddress address : addresses.subList(0, addresses.size() - 1)) {
      try {
        registration.register(address, file, token);
        return;
      } catch (UnavailableException e) {
        // The next one may.
      }
    }
    registration.register(addresses.getLast(), file, token);
  }

  private List<ServiceAddress> addresses() throws RefusedException {
    List<ServiceAddress> addresses = new ArrayList<>();
    for (String service : services) {
      addresses.add(ServiceAddress.parse(service));
    }
    boolean hasInside = addresses.stream().anyMatch(ServiceAddress.Inside.class::isInstance);
    if (hasInside && addresses.size() > 1) {
      throw new RefusedException("a bucket has one address: give --service once");
    }
    return addresses;
  }

  private static List<String> texts(List<ServiceAddress> addresses) {
    return addresses.stream().map(ServiceAddress::toString).toList();
  }

  private static Failure afterRegistration(KeyPlace place, Exception cause) {
    return new Failure(
        ExitCode.FAILED_AFTER_CHANGE,
        "the machine is registered, but its key file is still "
            + place.unfinished()
            + " ("
            + Failures.line(cause)
            + "): repeat the command, or rename it yourself",
        cause);
  }
}
