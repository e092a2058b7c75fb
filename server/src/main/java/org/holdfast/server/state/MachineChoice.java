package org.holdfast.server.state;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.Collectors;
import org.holdfast.core.MachineId;
import org.holdfast.core.RefusedException;

/// Which machine a person means: by its name, or by four or more digits of its id.
public final class MachineChoice {
  private static final int DIGITS_MIN = 4;

  private final SortedMap<MachineId, MachineRow> all;

  public MachineChoice(SortedMap<MachineId, MachineRow> all) {
    this.all = all;
  }

  /// A name goes first: it may look like an id.
  public MachineId of(String wanted) throws RefusedException {
    List<MachineId> named =
        all.entrySet().stream()
            .filter(each -> each.getValue().name().equals(wanted))
            .map(Map.Entry::getKey)
            .toList();
    List<MachineId> found =
        named.isEmpty() && wanted.length() >= DIGITS_MIN
            ? all.keySet().stream().filter(id -> id.toString().startsWith(wanted)).toList()
            : named;
    if (found.isEmpty()) {
      throw new RefusedException(
          "no machine of this service is called "
              + wanted
              + ", and no id begins so: `holdfast machine list` shows all");
    }
    if (found.size() > 1) {
      throw new RefusedException(
          "%d machines are meant by %s: name one by its id, %s"
              .formatted(
                  found.size(),
                  wanted,
                  found.stream().map(MachineId::toString).collect(Collectors.joining(" or "))));
    }
    return found.getFirst();
  }
}
