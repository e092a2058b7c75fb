package org.holdfast.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.BucketAddress;
import org.holdfast.cli.console.Failure;
import org.holdfast.cli.console.Output;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.cli.link.InsideService;
import org.holdfast.cli.link.Links;
import org.holdfast.cli.link.ServiceAddress;
import org.holdfast.core.Bytes;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Invariant;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Right;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.SegmentId;
import org.holdfast.protocol.InviteToken;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.RightKey;
import org.holdfast.protocol.ServerMode;
import org.holdfast.protocol.Session;
import org.holdfast.seal.KeyFile;
import org.holdfast.seal.PublicCredential;

/// Makes a machine known to a service. May be repeated with the same keys.
///
/// A service in a folder is made with its first and only machine, which is then let in by the same
/// records as at a server: an account, an invite, a registration.
final class Registration {
  private static final String ACCOUNT = "local";

  private final Surroundings surroundings;
  private final Path cache;
  private final Output output;
  private boolean done;

  Registration(Surroundings surroundings, Path cache, Output output) {
    this.surroundings = surroundings;
    this.cache = cache;
    this.output = output;
  }

  /// Whether the service knows the machine.
  boolean isDone() {
    return done;
  }

  /// Refuses, before anything is written, a folder that holds a service already.
  void checkPossible(ServiceAddress address, boolean resumes) throws HoldfastException {
    if (address instanceof ServiceAddress.Inside(BucketAddress at) && !resumes) {
      Bucket bucket;
      try {
        bucket = surroundings.buckets().open(at);
      } catch (RefusedException e) {
        // No bucket is there yet; if none can be, its making says so.
        return;
      }
      if (!bucket.list(SegmentId.PREFIX, "", 1).objects().isEmpty()) {
        throw new RefusedException(
            at + " holds a service already: use the key file that was made with it");
      }
    }
  }

  void register(ServiceAddress address, KeyFile file, Optional<InviteToken> token)
      throws HoldfastException, Failure {
    switch (address) {
      case ServiceAddress.Remote remote -> {
        InviteToken known = token.orElseThrow();
        try (Session session =
            new Links(surroundings).session(remote, known.serverKey(), "the invite")) {
          if (session.mode() != ServerMode.ALL) {
            throw new UnavailableException(
                "the server " + remote + " serves restores only at the moment: try again");
          }
          present(session, known, file);
        }
      }
      case ServiceAddress.Inside(BucketAddress at) -> registerInside(at, file);
    }
  }

  private void registerInside(BucketAddress at, KeyFile file) throws HoldfastException, Failure {
    InsideService.Opened bucket = InsideService.Opened.made(surroundings.buckets(), at);
    Bytes secrets = file.serviceSecrets().orElseThrow();
    try (InsideService service = InsideService.own(surroundings, bucket, secrets, cache);
        Session operator = service.operatorSession();
        Session session = service.session()) {
      Message.OperateReply accounts = operator.operate(List.of("account", "list"));
      if (accounts.output().isBlank()) {
        operate(operator, List.of("account", "open", ACCOUNT));
      }
      String invite = operate(operator, List.of("invite", ACCOUNT, file.machine()));
      present(session, InviteToken.decode(invite.strip()), file);
    }
  }

  private static String operate(Session operator, List<String> words) throws RefusedException {
    try {
      Message.OperateReply reply = operator.operate(words);
      if (reply.exitCode() == 0) {
        return reply.output();
      }
      throw new RefusedException(reply.output());
    } catch (HoldfastException e) {
      throw new RefusedException("the new service does not work: " + e.getMessage(), e);
    }
  }

  private void present(Session session, InviteToken token, KeyFile file) throws HoldfastException {
    List<RightKey> rights = new ArrayList<>();
    for (PublicCredential each : file.keys().publicCredentials()) {
      rights.add(
          new RightKey(
              each.right(),
              each.publicKey(),
              file.keys().credentialFor(each.right()).privateKey()));
    }
    Invariant.check(!rights.isEmpty(), "new keys hold every right");
    if (isKnown(session, file)) {
      output.detail("the service knows this machine already");
    } else {
      session.register(token.invite(), token.secret(), file.machineId(), file.machine(), rights);
    }
    done = true;
  }

  /// Whether an earlier try got through and only its answer was lost.
  private static boolean isKnown(Session session, KeyFile file) throws HoldfastException {
    try {
      session.prove(
          file.machineId(), Right.WRITE, file.keys().credentialFor(Right.WRITE).privateKey());
      return true;
    } catch (RefusedException e) {
      return false;
    }
  }
}
