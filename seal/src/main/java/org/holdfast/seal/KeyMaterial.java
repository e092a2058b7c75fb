package org.holdfast.seal;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Right;
import org.jspecify.annotations.Nullable;

/// The secret body of a key file: items `tag (1) ‖ length (4) ‖ value`, in order of tag.
///
/// Every set of keys has one encoding, and only that one is accepted.
record KeyMaterial(MachineKeys keys, Optional<Bytes> serviceSecrets) {
  static final int SERVICE_SECRETS_MAX = 65_536;

  private static final int CONTENT_PUBLIC = 1;
  private static final int REFERENCE_PUBLIC = 2;
  private static final int NAME_KEY = 3;
  private static final int CHUNKING_KEY = 4;
  private static final int PAGE_CUT_KEY = 5;
  private static final int SIGNING = 6;
  private static final int VERIFYING = 7;
  private static final int CONTENT_PRIVATE = 8;
  private static final int REFERENCE_PRIVATE = 9;
  private static final int CREDENTIAL = 16; // plus the right's code
  private static final int SERVICE_SECRETS = 32;
  private static final int REPEATS_MAX = 64;

  byte[] encode() {
    TreeMap<Integer, List<Bytes>> items = new TreeMap<>();
    try {
      for (Right right : keys.rights()) {
        put(items, CREDENTIAL + right.code(), keys.credentialFor(right).bytes());
        switch (right) {
          case WRITE -> putWrite(items, keys.write());
          case READ -> {
            put(items, CONTENT_PRIVATE, keys.read().content().bytes());
            put(items, REFERENCE_PRIVATE, keys.read().reference().bytes());
          }
          case TIDY -> put(items, REFERENCE_PRIVATE, keys.tidy().reference().bytes());
          case NUKE -> {}
        }
      }
    } catch (RefusedException e) {
      throw new IllegalStateException("keys lack a right that they hold", e);
    }
    if (!keys.verifying().isEmpty()) {
      items.put(VERIFYING, keys.verifying().stream().map(VerifyingKey::bytes).toList());
    }
    serviceSecrets.ifPresent(secrets -> put(items, SERVICE_SECRETS, secrets));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    items.forEach((tag, values) -> values.forEach(value -> write(out, tag, value)));
    return out.toByteArray();
  }

  /// Throws [CorruptException] for anything but what [#encode] makes for these rights.
  static KeyMaterial decode(byte[] bytes, Set<Right> rights) throws CorruptException {
    TreeMap<Integer, List<Bytes>> items = items(bytes);
    KeyMaterial material = new KeyMaterial(keys(items, rights), secrets(items));
    // A second encoding, an item too many, or halves that do not match show here.
    if (!Bytes.wrap(material.encode()).equals(Bytes.wrap(bytes))) {
      throw new CorruptException("key file holds other keys than its rights call for");
    }
    return material;
  }

  private static void putWrite(TreeMap<Integer, List<Bytes>> items, WriteKeys write) {
    put(items, CONTENT_PUBLIC, write.content().bytes());
    put(items, REFERENCE_PUBLIC, write.reference().bytes());
    put(items, NAME_KEY, write.nameKey());
    put(items, CHUNKING_KEY, write.chunkingKey());
    put(items, PAGE_CUT_KEY, write.pageCutKey());
    items.put(SIGNING, write.signing().stream().map(SigningKey::bytes).toList());
  }

  private static void put(TreeMap<Integer, List<Bytes>> items, int tag, Bytes value) {
    items.put(tag, List.of(value));
  }

  private static void write(ByteArrayOutputStream out, int tag, Bytes value) {
    out.write(tag);
    out.writeBytes(ByteBuffer.allocate(4).putInt(value.length()).array());
    out.writeBytes(value.toArray());
  }

  private static TreeMap<Integer, List<Bytes>> items(byte[] bytes) throws CorruptException {
    TreeMap<Integer, List<Bytes>> items = new TreeMap<>();
    ByteBuffer in = ByteBuffer.wrap(bytes);
    while (in.hasRemaining()) {
      if (in.remaining() < 5) {
        throw new CorruptException("key file's body ends within an item");
      }
      int tag = in.get() & 0xff;
      int length = in.getInt();
      if (length < 0 || length > in.remaining()) {
        throw new CorruptException("key file's body ends within an item");
      }
      List<Bytes> values = items.computeIfAbsent(tag, _ -> new ArrayList<>());
      boolean repeats = tag == SIGNING || tag == VERIFYING;
      if (values.size() >= (repeats ? REPEATS_MAX : 1)) {
        throw new CorruptException("key file's body has too many items of tag " + tag);
      }
      values.add(Bytes.copyOf(bytes, in.position(), in.position() + length));
      in.position(in.position() + length);
    }
    return items;
  }

  private static MachineKeys keys(TreeMap<Integer, List<Bytes>> items, Set<Right> rights)
      throws CorruptException {
    List<VerifyingKey> verifying = new ArrayList<>();
    if (!rights.equals(EnumSet.of(Right.NUKE))) {
      for (Bytes each : list(items, VERIFYING)) {
        verifying.add(VerifyingKey.of(each));
      }
    }
    WriteKeys write = rights.contains(Right.WRITE) ? writeKeys(items, verifying) : null;
    HybridPrivateKey reference = null;
    if (rights.contains(Right.READ) || rights.contains(Right.TIDY)) {
      reference = HybridPrivateKey.of(one(items, REFERENCE_PRIVATE));
      checkPair(write == null ? null : write.reference(), reference);
    }
    ReadKeys read = null;
    if (rights.contains(Right.READ) && reference != null) {
      HybridPrivateKey content = HybridPrivateKey.of(one(items, CONTENT_PRIVATE));
      checkPair(write == null ? null : write.content(), content);
      read = new ReadKeys(content, reference, credential(items, Right.READ));
    }
    TidyKeys tidy = null;
    if (rights.contains(Right.TIDY) && reference != null) {
      tidy = new TidyKeys(reference, credential(items, Right.TIDY));
    }
    Credential nuke = rights.contains(Right.NUKE) ? credential(items, Right.NUKE) : null;
    return new MachineKeys(write, read, tidy, nuke, verifying);
  }

  private static WriteKeys writeKeys(
      TreeMap<Integer, List<Bytes>> items, List<VerifyingKey> verifying) throws CorruptException {
    List<SigningKey> signing = new ArrayList<>();
    for (Bytes each : list(items, SIGNING)) {
      signing.add(SigningKey.of(each));
    }
    if (!signing.stream().map(SigningKey::verifyingKey).toList().equals(verifying)) {
      throw new CorruptException("key file's signing keys do not match their public halves");
    }
    return new WriteKeys(
        HybridPublicKey.of(one(items, CONTENT_PUBLIC)),
        HybridPublicKey.of(one(items, REFERENCE_PUBLIC)),
        secret(items, NAME_KEY),
        secret(items, CHUNKING_KEY),
        secret(items, PAGE_CUT_KEY),
        signing,
        credential(items, Right.WRITE));
  }

  private static void checkPair(@Nullable HybridPublicKey half, HybridPrivateKey other)
      throws CorruptException {
    if (half != null && !half.equals(other.publicKey())) {
      throw new CorruptException("key file's sealing keys do not match their public halves");
    }
  }

  private static Optional<Bytes> secrets(TreeMap<Integer, List<Bytes>> items)
      throws CorruptException {
    if (!items.containsKey(SERVICE_SECRETS)) {
      return Optional.empty();
    }
    Bytes secrets = one(items, SERVICE_SECRETS);
    if (secrets.length() == 0 || secrets.length() > SERVICE_SECRETS_MAX) {
      throw new CorruptException("key file's service secrets have a wrong length");
    }
    return Optional.of(secrets);
  }

  private static Credential credential(TreeMap<Integer, List<Bytes>> items, Right right)
      throws CorruptException {
    return Credential.of(one(items, CREDENTIAL + right.code()));
  }

  private static Bytes secret(TreeMap<Integer, List<Bytes>> items, int tag)
      throws CorruptException {
    Bytes value = one(items, tag);
    if (value.length() != 32) {
      throw new CorruptException("key file's item " + tag + " has a wrong length");
    }
    return value;
  }

  private static Bytes one(TreeMap<Integer, List<Bytes>> items, int tag) throws CorruptException {
    return list(items, tag).getFirst();
  }

  private static List<Bytes> list(TreeMap<Integer, List<Bytes>> items, int tag)
      throws CorruptException {
    List<Bytes> values = items.get(tag);
    if (values == null) {
      throw new CorruptException("key file lacks item " + tag + ", which its rights call for");
    }
    return values;
  }

  @Override
  public String toString() {
    return "KeyMaterial";
  }
}
