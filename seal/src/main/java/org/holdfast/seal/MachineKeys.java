package org.holdfast.seal;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.holdfast.core.Bytes;
import org.holdfast.core.Invariant;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Right;
import org.jspecify.annotations.Nullable;

/// The keys of one machine, or those of them that go with some rights.
///
/// Invariants:
/// - at least one right is held
/// - each right has exactly the keys that `docs/format-sealing.md` section 3 lists
/// - the private half of a sealing key is there only with read or tidy
///
/// Immutable.
public final class MachineKeys {
  private static final int SECRET_LENGTH = 32;

  private final @Nullable WriteKeys write;
  private final @Nullable ReadKeys read;
  private final @Nullable TidyKeys tidy;
  private final @Nullable Credential nuke;
  private final List<VerifyingKey> verifying;

  MachineKeys(
      @Nullable WriteKeys write,
      @Nullable ReadKeys read,
      @Nullable TidyKeys tidy,
      @Nullable Credential nuke,
      List<VerifyingKey> verifying) {
    this.write = write;
    this.read = read;
    this.tidy = tidy;
    this.nuke = nuke;
    this.verifying = List.copyOf(verifying);
    Invariant.check(!rights().isEmpty(), "a machine's keys give some right");
    Invariant.check(
        verifying.isEmpty() == (write == null && read == null && tidy == null),
        "whoever reads or writes archives can check who signed them");
  }

  /// Draws the keys of a new machine, with every right.
  public static MachineKeys random(SecureRandom random) {
    HybridPrivateKey content = HybridPrivateKey.random(random);
    HybridPrivateKey reference = HybridPrivateKey.random(random);
    SigningKey signing = SigningKey.random(random);
    WriteKeys write =
        new WriteKeys(
            content.publicKey(),
            reference.publicKey(),
            secret(random),
            secret(random),
            secret(random),
            List.of(signing),
            Credential.random(random));
    ReadKeys read = new ReadKeys(content, reference, Credential.random(random));
    TidyKeys tidy = new TidyKeys(reference, Credential.random(random));
    Credential nuke = Credential.random(random);
    return new MachineKeys(write, read, tidy, nuke, List.of(signing.verifyingKey()));
  }

  /// What these keys allow, in order.
  public Set<Right> rights() {
    EnumSet<Right> rights = EnumSet.noneOf(Right.class);
    for (Right right : Right.values()) {
      if (credential(right) != null) {
        rights.add(right);
      }
    }
    return rights;
  }

  /// The keys for fewer rights. Throws [RefusedException] for a right that these keys lack.
  public MachineKeys derive(Set<Right> wanted) throws RefusedException {
    if (wanted.isEmpty()) {
      throw new RefusedException("no right asked for; name some of write, read, tidy, nuke");
    }
    for (Right right : wanted) {
      if (credential(right) == null) {
        throw lacking(right);
      }
    }
    boolean archives = !wanted.equals(EnumSet.of(Right.NUKE));
    return new MachineKeys(
        wanted.contains(Right.WRITE) ? write : null,
        wanted.contains(Right.READ) ? read : null,
        wanted.contains(Right.TIDY) ? tidy : null,
        wanted.contains(Right.NUKE) ? nuke : null,
        archives ? verifying : List.of());
  }

  /// What to register with a server: one for each right held.
  public List<PublicCredential> publicCredentials() {
    List<PublicCredential> all = new ArrayList<>();
    for (Right right : Right.values()) {
      Credential credential = credential(right);
      if (credential != null) {
        all.add(new PublicCredential(right, credential.publicKey()));
      }
    }
    return all;
  }

  /// What proves the right to a server. Throws [RefusedException] if these keys lack it.
  public Credential credentialFor(Right right) throws RefusedException {
    Credential credential = credential(right);
    if (credential == null) {
      throw lacking(right);
    }
    return credential;
  }

  /// Throws [RefusedException] if these keys lack the right.
  public WriteKeys write() throws RefusedException {
    if (write == null) {
      throw lacking(Right.WRITE);
    }
    return write;
  }

  /// Throws [RefusedException] if these keys lack the right.
  public ReadKeys read() throws RefusedException {
    if (read == null) {
      throw lacking(Right.READ);
    }
    return read;
  }

  /// Throws [RefusedException] if these keys lack the right.
  public TidyKeys tidy() throws RefusedException {
    if (tidy == null) {
      throw lacking(Right.TIDY);
    }
    return tidy;
  }

  /// Whose signatures on archives count, oldest first. Empty with nuke alone.
  public List<VerifyingKey> verifying() {
    return verifying;
  }

  private @Nullable Credential credential(Right right) {
    return switch (right) {
      case WRITE -> write == null ? null : write.credential();
      case READ -> read == null ? null : read.credential();
      case TIDY -> tidy == null ? null : tidy.credential();
      case NUKE -> nuke;
    };
  }

  private static RefusedException lacking(Right right) {
    String name = Rights.name(right);
    return new RefusedException(
        "this key file lacks the right to " + name + "; use one that has it");
  }

  private static Bytes secret(SecureRandom random) {
    byte[] bytes = new byte[SECRET_LENGTH];
    random.nextBytes(bytes);
    return Bytes.wrap(bytes);
  }
}
