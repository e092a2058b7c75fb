package org.holdfast.client.look;

import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.holdfast.core.BlockName;
import org.holdfast.core.RefusedException;

/// Which of many blocks are read.
public sealed interface Sample {
  /// Whether this block is one of them.
  boolean has(BlockName name);

  /// None of them.
  record None() implements Sample {
    @Override
    public boolean has(BlockName name) {
      return false;
    }
  }

  /// All of them.
  record All() implements Sample {
    @Override
    public boolean has(BlockName name) {
      return true;
    }
  }

  /// One of so many parts of about the same size, the same blocks each time: who reads part after
  /// part has read all.
  ///
  /// @param part from 1
  record Part(int part, int parts) implements Sample {
    @Override
    public boolean has(BlockName name) {
      long number = 0;
      for (int i = 0; i < 4; i++) {
        number = number << 8 | (name.bytes().at(i) & 0xff);
      }
      return number % parts == part - 1;
    }
  }

  /// So many of a hundred, others each time.
  record Share(double percent, RandomGenerator random) implements Sample {
    @Override
    public boolean has(BlockName name) {
      return random.nextDouble() * 100 < percent;
    }
  }

  /// `5%`, `0.5%` or `3/7`.
  static Sample parse(String text, RandomGenerator random) throws RefusedException {
    Matcher share = Pattern.compile("(\\d{1,3}(?:\\.\\d{1,9})?)\\s*%").matcher(text.strip());
    if (share.matches()) {
      double percent = Double.parseDouble(share.group(1));
      if (percent > 0 && percent <= 100) {
        return percent == 100 ? new All() : new Share(percent, random);
      }
    }
    Matcher part = Pattern.compile("(\\d{1,6})/(\\d{1,6})").matcher(text.strip());
    if (part.matches()) {
      int number = Integer.parseInt(part.group(1));
      int parts = Integer.parseInt(part.group(2));
      if (number >= 1 && number <= parts) {
        return new Part(number, parts);
      }
    }
    throw new RefusedException(
        "'" + text + "' is no share: write a percentage (5%) or one of so many parts (3/7)");
  }
}
