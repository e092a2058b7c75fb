package org.holdfast.seal;

import org.holdfast.core.Invariant;

/// Lengths that say little: PADMÉ (Nikitin, Barman, Lueks, Underwood, Hubaux, Ford: "Reducing
/// Metadata Leakage from Encrypted Files and Communication with PURBs", PETS 2019, section 4.3).
///
/// A padded length, as a floating point number, has no more bits of mantissa than of exponent: at
/// most 12 % longer, 3 % at 1 MiB, and O(log log length) bits of the length are left to see.
final class Padme {
  private Padme() {}

  /// The least length that `length` is padded to.
  static int pad(int length) {
    Invariant.check(length >= 2 && length <= 1 << 30, "PADMÉ pads 2 bytes to 1 GiB");
    int exponent = 31 - Integer.numberOfLeadingZeros(length);
    int mantissaBits = 32 - Integer.numberOfLeadingZeros(exponent);
    int mask = (1 << (exponent - mantissaBits)) - 1;
    return (length + mask) & ~mask;
  }
}
