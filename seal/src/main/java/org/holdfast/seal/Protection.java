package org.holdfast.seal;

import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;

/// How a key file's body is kept from who has the file: the value of its `protection:` line.
sealed interface Protection {
  /// Not at all.
  record None() implements Protection {
    @Override
    public String toString() {
      return "none";
    }
  }

  /// By a passphrase. The salt is drawn anew for each file, which makes the key unique too.
  record Passphrase(Argon2id cost, Bytes salt) implements Protection {
    @Override
    public String toString() {
      return "argon2id memory-kib=%d passes=%d lanes=%d salt=%s"
          .formatted(
              cost.memoryKib(),
              cost.passes(),
              cost.lanes(),
              Base64.getEncoder().encodeToString(salt.toArray()));
    }
  }

  /// Numbers are bounded here by digits and then by [Argon2id#check].
  Pattern PASSPHRASE =
      Pattern.compile(
          "argon2id memory-kib=(\\d{1,7}) passes=(\\d{1,3}) lanes=(\\d{1,3})"
              + " salt=([A-Za-z0-9+/]{22}==)");

  /// Throws [CorruptException] for what `toString` never gives.
  static Protection parse(String text) throws CorruptException {
    if (text.equals("none")) {
      return new None();
    }
    Matcher matcher = PASSPHRASE.matcher(text);
    if (!matcher.matches()) {
      throw new CorruptException("key file is protected in a way that this version cannot read");
    }
    Argon2id cost = new Argon2id(number(matcher, 1), number(matcher, 2), number(matcher, 3));
    cost.check();
    return new Passphrase(cost, Bytes.wrap(Base64.getDecoder().decode(matcher.group(4))));
  }

  private static int number(Matcher matcher, int group) {
    return Integer.parseInt(String.valueOf(matcher.group(group)));
  }
}
