package org.holdfast.bucket;

import java.util.List;

/// What a store was seen to do.
public record ProbeReport(List<Finding> findings) {
  public ProbeReport {
    findings = List.copyOf(findings);
  }

  /// How much a finding matters.
  public enum Verdict {
    /// As it should be.
    GOOD,
    /// The store can be used; the meaning says what to mind.
    REMARK,
    /// Only with `single-writer`.
    NEEDS_SINGLE_WRITER,
    /// The store cannot be used.
    UNUSABLE
  }

  /// One thing that was tried.
  ///
  /// @param tried such as "the second put of a key"
  /// @param seen what the store did
  /// @param meaning what follows; empty where all is well
  public record Finding(String tried, Verdict verdict, String seen, String meaning) {}

  /// The findings for which the store is refused.
  public List<Finding> against(boolean singleWriter) {
    return findings.stream()
        .filter(each ->
            each.verdict() == Verdict.UNUSABLE
                || (each.verdict() == Verdict.NEEDS_SINGLE_WRITER && !singleWriter))
        .toList();
  }
}
