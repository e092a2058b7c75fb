package org.holdfast.stores;

import java.net.URI;

/// Where an S3 store is, and who may use it. Buckets are in the path (`ENDPOINT/BUCKET/KEY`).
public record S3Access(URI endpoint, String region, String accessKey, String secretKey) {
  /// What stores that know no regions take.
  static final String REGION = "us-east-1";

  /// The same store by another way, such as through a [FaultProxy].
  public S3Access by(URI other) {
    return new S3Access(other, region, accessKey, secretKey);
  }
}
