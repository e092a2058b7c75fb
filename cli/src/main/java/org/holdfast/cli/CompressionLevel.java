package org.holdfast.cli;

import org.holdfast.seal.Sealer;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// What follows `--compression`.
final class CompressionLevel implements ITypeConverter<Integer> {
  private static final String NONE = "none";

  @Override
  public Integer convert(String word) {
    if (word.equals(NONE)) {
      return Sealer.LEVEL_MIN;
    }
    try {
      int level = Integer.parseInt(word);
      if (level > Sealer.LEVEL_MIN && level <= Sealer.LEVEL_MAX) {
        return level;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new TypeConversionException(
        "%s is no level: say %s, or a number from 1 to %d".formatted(word, NONE, Sealer.LEVEL_MAX));
  }
}
