package org.holdfast.seal;

/// What came of reading a key file that is undamaged.
public sealed interface KeyFileReading {
  /// It is open.
  ///
  /// @param hasPassphrase whether one was needed
  record Open(KeyFile file, boolean hasPassphrase) implements KeyFileReading {}

  /// It has a passphrase and none was given.
  record PassphraseNeeded(KeyFileHeader header) implements KeyFileReading {}

  /// The passphrase given is not its passphrase (or somebody edited the file and its checksum).
  record PassphraseWrong(KeyFileHeader header) implements KeyFileReading {}
}
