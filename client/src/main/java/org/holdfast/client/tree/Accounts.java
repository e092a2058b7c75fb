package org.holdfast.client.tree;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;
import org.holdfast.core.Bytes;
import org.jspecify.annotations.Nullable;

/// Names and numbers of users and groups, as the C library knows them (files, LDAP, and so on),
/// remembered once asked. What it does not know, or cannot find out, has no name.
///
/// `struct passwd` and `struct group` start with the address of the name, that of the password, and
/// the number, on both architectures. Any thread.
final class Accounts {
  private static final int RECORD_BYTES = 128;
  private static final int NUMBER_AT = 16;
  private static final int TEXTS_BYTES = 16 << 10;
  private static final int TEXTS_BYTES_MAX = 1 << 20;
  private static final int REMEMBERED_MAX = 10_000;

  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Question, Optional<Account>> known = new HashMap<>();

  Optional<byte[]> userName(long uid) {
    return answer(new Question(false, uid, null)).map(account -> account.name.toArray());
  }

  Optional<byte[]> groupName(long gid) {
    return answer(new Question(true, gid, null)).map(account -> account.name.toArray());
  }

  OptionalLong userNumber(byte[] name) {
    return number(new Question(false, 0, Bytes.copyOf(name)));
  }

  OptionalLong groupNumber(byte[] name) {
    return number(new Question(true, 0, Bytes.copyOf(name)));
  }

  private OptionalLong number(Question question) {
    Optional<Account> account = answer(question);
    return account.isPresent() ? OptionalLong.of(account.get().number) : OptionalLong.empty();
  }

  private Optional<Account> answer(Question question) {
    lock.lock();
    try {
      Optional<Account> answer = known.get(question);
      if (answer == null) {
        answer = ask(question);
        if (known.size() >= REMEMBERED_MAX) {
          known.clear();
        }
        known.put(question, answer);
      }
      return answer;
    } finally {
      lock.unlock();
    }
  }

  private static Optional<Account> ask(Question question) {
    if (question.name != null && !isAskable(question.name.toArray())) {
      return Optional.empty();
    }
    try (Scratch scratch = Scratch.borrow();
        Arena arena = Arena.ofConfined()) {
      MemorySegment record = arena.allocate(RECORD_BYTES, 8);
      MemorySegment found = arena.allocate(ValueLayout.ADDRESS);
      MemorySegment texts = arena.allocate(TEXTS_BYTES);
      int outcome = ask(scratch, question, record, texts, found);
      while (Errno.ERANGE.is(outcome) && texts.byteSize() < TEXTS_BYTES_MAX) {
        texts = arena.allocate(texts.byteSize() * 4);
        outcome = ask(scratch, question, record, texts, found);
      }
      if (outcome != 0 || found.get(ValueLayout.ADDRESS, 0).address() == 0) {
        return Optional.empty();
      }
      return account(record, texts);
    }
  }

  /// The name lies in the memory that the call was given for texts.
  private static Optional<Account> account(MemorySegment record, MemorySegment texts) {
    long at = record.get(ValueLayout.ADDRESS, 0).address() - texts.address();
    if (at < 0 || at >= texts.byteSize()) {
      return Optional.empty();
    }
    String name = texts.getString(at, StandardCharsets.ISO_8859_1);
    long number = Integer.toUnsignedLong(record.get(ValueLayout.JAVA_INT, NUMBER_AT));
    return Optional.of(new Account(Bytes.wrap(name.getBytes(StandardCharsets.ISO_8859_1)), number));
  }

  private static int ask(
      Scratch scratch,
      Question question,
      MemorySegment record,
      MemorySegment texts,
      MemorySegment found) {
    boolean group = question.group;
    if (question.name == null) {
      return Libc.accountById(scratch, group, (int) question.number, record, texts, found);
    }
    MemorySegment name = scratch.name(question.name.toArray());
    return Libc.accountByName(scratch, group, name, record, texts, found);
  }

  private static boolean isAskable(byte[] name) {
    boolean hasNul = false;
    for (byte unit : name) {
      hasNul |= unit == 0;
    }
    return !hasNul && name.length > 0 && name.length <= Scratch.LONGEST_NAME;
  }

  /// Asks by name if there is one, else by number.
  private record Question(boolean group, long number, @Nullable Bytes name) {}

  private record Account(Bytes name, long number) {}
}
