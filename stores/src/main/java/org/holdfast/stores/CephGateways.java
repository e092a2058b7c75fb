package org.holdfast.stores;

import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The gateways of a Ceph that `scripts/ceph` has started, each of them a way to the same store.
///
/// They outlive the tests, and so do buckets: a test draws its own bucket's name.
public record CephGateways(List<S3Access> gateways) {
  public CephGateways {
    gateways = List.copyOf(gateways);
  }

  /// Those that the environment (`System.getenv()`) names, if it names any.
  public static Optional<CephGateways> from(Map<String, String> environment) {
    String endpoints = environment.getOrDefault("HOLDFAST_CEPH", "");
    if (endpoints.isBlank()) {
      return Optional.empty();
    }
    String accessKey = environment.getOrDefault("HOLDFAST_CEPH_ACCESS_KEY", "");
    String secretKey = environment.getOrDefault("HOLDFAST_CEPH_SECRET_KEY", "");
    return Optional.of(
        new CephGateways(
            Arrays.stream(endpoints.split(",", -1))
                .map(each -> URI.create(each.strip()))
                .map(each -> new S3Access(each, S3Access.REGION, accessKey, secretKey))
                .toList()));
  }
}
