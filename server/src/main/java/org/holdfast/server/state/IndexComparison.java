package org.holdfast.server.state;

import java.nio.BufferUnderflowException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;
import org.holdfast.core.BlockClass;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.MachineId;
import org.holdfast.server.index.Index;
import org.holdfast.server.index.IndexException;
import org.holdfast.server.index.RowPages;
import org.holdfast.server.state.IndexDifference.Side;
import org.jspecify.annotations.Nullable;

/// Reads two indexes side by side, and counts what they do not have in common. Used once.
final class IndexComparison {
  /// So many rows of each place are shown.
  private static final int EXAMPLES_MAX = 3;

  private static final int EXAMPLES_MAX_IN_ALL = 60;

  /// Of a name, in bytes.
  private static final int SHOWN_LENGTH = 8;

  private final Index old;
  private final Index made;
  private final TreeMap<Place, Long> counts = new TreeMap<>(Place.ORDER);
  private final List<String> examples = new ArrayList<>();

  IndexComparison(Index old, Index made) {
    this.old = old;
    this.made = made;
  }

  IndexDifference run() {
    Optional<String> unread = Optional.empty();
    try {
      for (Kind kind : Kind.values()) {
        compare(kind);
      }
    } catch (IndexException | BufferUnderflowException e) {
      unread = Optional.of(String.valueOf(e.getMessage()));
    }
    List<IndexDifference.Count> found = new ArrayList<>();
    counts.forEach((place, rows) ->
        found.add(
            new IndexDifference.Count(
                place.machine.map(this::called), place.kind.toString(), place.side, rows)));
    return new IndexDifference(found, examples, unread);
  }

  private void compare(Kind kind) {
    RowPages left = new RowPages(old, new byte[] {kind.key});
    RowPages right = new RowPages(made, new byte[] {kind.key});
    Index.Row mine = left.next();
    Index.Row other = right.next();
    while (mine != null || other != null) {
      int order = order(mine, other);
      if (order < 0 && mine != null) {
        found(kind, Side.OLD, mine.key());
      } else if (order > 0 && other != null) {
        found(kind, Side.LOG, other.key());
      } else if (mine != null && other != null && !Arrays.equals(mine.value(), other.value())) {
        found(kind, Side.BOTH, mine.key());
      }
      mine = order <= 0 ? left.next() : mine;
      other = order >= 0 ? right.next() : other;
    }
  }

  private static int order(Index.@Nullable Row mine, Index.@Nullable Row other) {
    if (mine == null || other == null) {
      return mine == null ? 1 : -1;
    }
    return Arrays.compareUnsigned(mine.key(), other.key());
  }

  private void found(Kind kind, Side side, byte[] key) {
    boolean hasMachine = kind.isOfMachine && key.length > MachineId.LENGTH;
    Optional<MachineId> machine =
        hasMachine ? Optional.of(Keys.machine(Bytes.wrap(key))) : Optional.empty();
    long rows = counts.merge(new Place(machine, kind, side), 1L, Long::sum);
    if (rows <= EXAMPLES_MAX && examples.size() < EXAMPLES_MAX_IN_ALL) {
      String whose = machine.map(id -> called(id) + ": ").orElse("");
      examples.add(whose + kind + shown(kind, key) + ", " + side);
    }
  }

  /// What tells a row from others of its kind and machine.
  private static String shown(Kind kind, byte[] key) {
    int from = kind.isOfMachine ? 1 + MachineId.LENGTH : 1;
    String word = "";
    if (kind.isOfBlock && key.length > from) {
      word = " " + blockClass(key[from]);
      from++;
    }
    int to = Math.min(from + SHOWN_LENGTH, key.length);
    return to <= from ? word : word + " " + Bytes.copyOf(key, from, to);
  }

  private static String blockClass(byte code) {
    try {
      return BlockClass.of(code).name().toLowerCase(Locale.ROOT);
    } catch (CorruptException e) {
      return String.valueOf(code);
    }
  }

  /// By the name that the log has given it, or else the old index.
  private String called(MachineId machine) {
    byte[] key = Keys.machine(machine).toArray();
    String id = machine.toString().substring(0, SHOWN_LENGTH);
    try {
      byte[] row = made.get(key);
      row = row == null ? old.get(key) : row;
      return "machine " + (row == null ? "" : MachineRow.decode(row).name() + " ") + id;
    } catch (CorruptException | IndexException | BufferUnderflowException e) {
      return "machine " + id;
    }
  }

  /// Kinds of rows, by the first byte of their keys.
  private enum Kind {
    ACCOUNT('a', false, false),
    INVITE('i', false, false),
    MACHINE('m', true, false),
    BLOCK('b', true, true),
    OLDER_COPY('o', true, true),
    ARCHIVE('r', true, false),
    DELETION('d', true, false),
    OPEN_TRANSACTION('t', true, false);

    private final byte key;
    private final boolean isOfMachine;
    private final boolean isOfBlock;

    Kind(char key, boolean isOfMachine, boolean isOfBlock) {
      this.key = (byte) key;
      this.isOfMachine = isOfMachine;
      this.isOfBlock = isOfBlock;
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
  }

  private record Place(Optional<MachineId> machine, Kind kind, Side side) {
    static final Comparator<Place> ORDER =
        Comparator.comparing((Place place) -> place.machine.map(MachineId::toString).orElse(""))
            .thenComparing(Place::kind)
            .thenComparing(Place::side);
  }
}
