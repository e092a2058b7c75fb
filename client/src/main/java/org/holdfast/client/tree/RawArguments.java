package org.holdfast.client.tree;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.holdfast.core.RefusedException;

/// The bytes of the command line's arguments.
///
/// The Java launcher decodes arguments by the locale's encoding before `main` is called: a byte
/// that is not valid in it (any byte above 127 in the C locale) becomes a replacement character,
/// and the file that was meant can no longer be named. Linux keeps the command line as it was given
/// in `/proc/self/cmdline`, each argument with a NUL after it, the program's own last. The launcher
/// changes none of those that come after the class or archive that it starts, so the last ones
/// there are the arguments of `main`, one for one. If they do not match (the file is missing, or
/// the arguments did not come from the command line), the decoded text is encoded again.
public final class RawArguments {
  /// What decoders put where they cannot decode.
  private static final char REPLACEMENT = '\uFFFD';

  private final List<String> texts;
  private final List<byte[]> raw;

  private RawArguments(List<String> texts, List<byte[]> raw) {
    this.texts = texts;
    this.raw = raw;
  }

  /// For the arguments of `main`, all of them.
  public static RawArguments of(String... arguments) {
    return of(List.of(arguments), ProcFile.read("cmdline"));
  }

  static RawArguments of(List<String> texts, Optional<byte[]> commandLine) {
    List<byte[]> words = commandLine.map(RawArguments::split).orElse(List.of());
    if (words.size() > texts.size()) {
      List<byte[]> last = words.subList(words.size() - texts.size(), words.size());
      if (allMatch(texts, last)) {
        return new RawArguments(texts, last);
      }
    }
    return new RawArguments(texts, texts.stream().map(RawArguments::encode).toList());
  }

  /// The bytes of the argument at a position, from 0.
  public byte[] bytesAt(int index) {
    return raw.get(index).clone();
  }

  /// The bytes of an argument, or of the value in an argument `--option=value`, of which only the
  /// text is known. Throws [RefusedException] where two arguments that differ have this text.
  public byte[] bytesOf(String text) throws RefusedException {
    byte[] found = null;
    for (int index = 0; index < texts.size(); index++) {
      int start = valueStart(texts.get(index), text);
      if (start < 0) {
        continue;
      }
      byte[] bytes = Arrays.copyOfRange(raw.get(index), start, raw.get(index).length);
      if (found != null && !Arrays.equals(found, bytes)) {
        throw new RefusedException(
            "two arguments read \""
                + PathText.print(encode(text))
                + "\" in this locale: set LC_ALL=C.UTF-8 or give them one at a time");
      }
      found = bytes;
    }
    return found == null ? encode(text) : found;
  }

  /// Whether the text is what was typed. It is not where bytes are no UTF-8, or the locale has no
  /// characters for them: then others stand in their place.
  public boolean isText(String text) throws RefusedException {
    if (text.indexOf(REPLACEMENT) < 0 && text.indexOf('?') < 0) {
      return true;
    }
    byte[] bytes = bytesOf(text);
    boolean hasStandIns =
        text.indexOf(REPLACEMENT) >= 0
            || marks(text) > marks(new String(bytes, StandardCharsets.ISO_8859_1));
    return !hasStandIns || Arrays.equals(bytes, text.getBytes(StandardCharsets.UTF_8));
  }

  private static long marks(String text) {
    return text.chars().filter(unit -> unit == '?').count();
  }

  /// Where the value starts in the argument, in characters and bytes alike; -1 if it is not there.
  private static int valueStart(String argument, String value) {
    if (argument.equals(value)) {
      return 0;
    }
    if (!argument.startsWith("-") || !argument.endsWith("=" + value)) {
      return -1;
    }
    int start = argument.length() - value.length();
    return argument.substring(0, start).chars().allMatch(unit -> unit < 0x80) ? start : -1;
  }

  private static List<byte[]> split(byte[] commandLine) {
    List<byte[]> words = new ArrayList<>();
    int start = 0;
    for (int at = 0; at < commandLine.length; at++) {
      if (commandLine[at] == 0) {
        words.add(Arrays.copyOfRange(commandLine, start, at));
        start = at + 1;
      }
    }
    return words;
  }

  private static boolean allMatch(List<String> texts, List<byte[]> words) {
    for (int index = 0; index < texts.size(); index++) {
      String word = new String(words.get(index), StandardCharsets.ISO_8859_1);
      if (!sureCharacters(texts.get(index)).equals(sureCharacters(word))) {
        return false;
      }
    }
    return true;
  }

  /// What every encoding of a locale decodes alike. A question mark may stand for a lost byte.
  private static String sureCharacters(String text) {
    StringBuilder sure = new StringBuilder(text.length());
    text.chars()
        .filter(unit -> unit < 0x80 && unit != '?')
        .forEach(unit -> sure.append((char) unit));
    return sure.toString();
  }

  private static byte[] encode(String text) {
    String encoding = System.getProperty("sun.jnu.encoding", "UTF-8");
    Charset charset =
        Charset.isSupported(encoding) ? Charset.forName(encoding) : StandardCharsets.UTF_8;
    return text.getBytes(charset.newEncoder().canEncode(text) ? charset : StandardCharsets.UTF_8);
  }
}
