/// Keys, key files, and blocks that only their owner can open. See `docs/format-sealing.md`.
///
/// Primitives, thin over the JDK:
/// - [Argon2id]: a key from a passphrase
/// - [Credential]: Ed25519, proves a right to the server
/// - [Digests]: SHA-256, SHA3-256, HMAC
/// - [Encapsulation]: a fresh secret and its ciphertext
/// - [Gcm]: AES-256-GCM, fed so that it is fast
/// - [Hkdf]: keys from keys
/// - [HybridPrivateKey], [HybridPublicKey]: X25519 and ML-KEM-768 as one
/// - [Jdk]: what to do when the JDK fails
/// - [KeyEncoding]: raw keys to the JDK's and back
/// - [SeedRandom]: hands a seed to a key generator
/// - [SigningKey], [VerifyingKey]: Ed25519 and ML-DSA-65 as one
/// - [X25519]: agreement
/// - [XWing]: the combiner of the hybrid
///
/// Keys of a machine and their file:
/// - [CacheSeal]: what a client keeps for itself
/// - [KeyFile], [KeyFileHeader]: keys and where they are good for something
/// - [KeyFileFormat]: a key file in text
/// - [KeyFileReading]: what came of reading one
/// - [KeyFileStore]: key files on disk
/// - [KeyMaterial]: the secret body of a key file
/// - [MachineKeys]: the keys that go with some rights
/// - [Protection]: with or without a passphrase
/// - [PublicCredential]: what a server is told
/// - [ReadKeys], [TidyKeys], [WriteKeys]: the keys of one right
/// - [Rights]: rights in text
///
/// Sealing:
/// - [BlockNamer]: names from content
/// - [IdleWorkers]: what is dear to make, kept for the next
/// - [Limits]: how large things get
/// - [OpenedChunk]: takes in a chunk that was opened
/// - [Opener]: opens blocks
/// - [Packer], [Unpacker]: compression and padding
/// - [Padme]: lengths that say little
/// - [Pair]: an opened page or root
/// - [PartHeader], [PartKeys], [PartKind]: one sealed part
/// - [Run], [RunBlock], [RunId]: one backup run and its sealed keys
/// - [Sealer]: seals blocks, owns the counter
@NullMarked
package org.holdfast.seal;

import org.jspecify.annotations.NullMarked;
