package org.holdfast.server.recovery;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.holdfast.core.MachineId;

/// Small numbers for machines, in the order in which they are first asked for.
///
/// Any thread.
final class MachineNumbers {
  private final Map<MachineId, Integer> numbers = new ConcurrentHashMap<>();
  private final List<MachineId> machines = new ArrayList<>();

  int of(MachineId machine) {
    Integer known = numbers.get(machine);
    return known != null ? known : numbers.computeIfAbsent(machine, this::add);
  }

  private int add(MachineId machine) {
    synchronized (machines) {
      machines.add(machine);
      return machines.size() - 1;
    }
  }

  MachineId machine(int number) {
    synchronized (machines) {
      return machines.get(number);
    }
  }

  /// All, by machine.
  Map<MachineId, Integer> all() {
    return new HashMap<>(numbers);
  }
}
