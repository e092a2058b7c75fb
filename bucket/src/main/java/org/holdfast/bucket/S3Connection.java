package org.holdfast.bucket;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import org.holdfast.core.RefusedException;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.profiles.Profile;
import software.amazon.awssdk.profiles.ProfileFile;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3Configuration;

/// Makes the client that speaks to a store, from the settings and, where they are silent, from what
/// AWS's own tools read.
///
/// The client makes one attempt a request; retries are [RetryingBucket]'s. It adds no checksums of
/// its own: old Ceph refuses their framing.
final class S3Connection {
  /// Second requests, for which no turn is waited.
  private static final int HEDGES = 64;

  private final S3Settings settings;

  S3Connection(S3Settings settings) {
    this.settings = settings;
  }

  S3Client open() throws RefusedException {
    try {
      Optional<URI> endpoint = endpoint();
      AwsCredentialsProvider credentials = credentials();
      var builder =
          S3Client.builder()
              .credentialsProvider(credentials)
              .region(region(endpoint))
              .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
              .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
              .serviceConfiguration(S3Configuration.builder().chunkedEncodingEnabled(false).build())
              .forcePathStyle(settings.pathStyle().orElse(endpoint.isPresent()))
              .httpClientBuilder(
                  Apache5HttpClient.builder()
                      // How many there are is the gate's to say, and may change; none is made
                      // before it is needed.
                      .maxConnections(S3Settings.CONCURRENCY_MAX + HEDGES)
                      .connectionTimeout(Duration.ofMillis(settings.connectTimeoutMillis()))
                      .socketTimeout(Duration.ofMillis(settings.attemptTimeoutMillis())))
              .overrideConfiguration(o -> o.retryStrategy(DefaultRetryStrategy.doNotRetry()));
      endpoint.ifPresent(builder::endpointOverride);
      return builder.build();
    } catch (SdkClientException e) {
      throw new RefusedException("cannot use S3: " + S3Failure.line(e), e);
    }
  }

  private Optional<URI> endpoint() throws RefusedException {
    if (settings.endpoint().isPresent()) {
      return settings.endpoint();
    }
    for (String name : new String[] {"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"}) {
      String value = variable(name);
      if (!value.isEmpty()) {
        return Optional.of(S3Settings.uri(value, name));
      }
    }
    Optional<String> ofProfile = profile().flatMap(profile -> profile.property("endpoint_url"));
    return ofProfile.isEmpty()
        ? Optional.empty()
        : Optional.of(S3Settings.uri(ofProfile.get(), "profile " + profileName()));
  }

  private Region region(Optional<URI> endpoint) throws RefusedException {
    if (settings.region().isPresent()) {
      return Region.of(settings.region().get());
    }
    String ofEnvironment = variable("AWS_REGION");
    if (!ofEnvironment.isEmpty()) {
      return Region.of(ofEnvironment);
    }
    Optional<String> ofProfile = profile().flatMap(profile -> profile.property("region"));
    if (ofProfile.isPresent()) {
      return Region.of(ofProfile.get());
    }
    if (endpoint.isPresent()) {
      return Region.US_EAST_1; // Most other stores have no regions, and take AWS's first.
    }
    try {
      return DefaultAwsRegionProviderChain.builder().profileName(profileName()).build().getRegion();
    } catch (SdkClientException e) {
      throw new RefusedException(
          "no region for S3: set AWS_REGION, or `s3-region` in the config file", e);
    }
  }

  /// Asks for credentials now, so that their absence is told as what it is.
  private AwsCredentialsProvider credentials() throws RefusedException {
    Optional<AwsCredentials> named = named();
    if (settings.profile().isEmpty() && named.isPresent()) {
      return StaticCredentialsProvider.create(named.get());
    }
    if (settings.profile().isPresent() && profile().isEmpty()) {
      throw new RefusedException(
          "there is no profile `" + profileName() + "` in the shared config of AWS's tools");
    }
    AwsCredentialsProvider provider =
        DefaultCredentialsProvider.builder().profileName(settings.profile().orElse(null)).build();
    try {
      var _ = provider.resolveCredentials();
    } catch (SdkClientException e) {
      throw new RefusedException(
          "no credentials for S3: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile in"
              + " ~/.aws/credentials, or give the machine a role",
          e);
    }
    return provider;
  }

  private Optional<AwsCredentials> named() {
    String key = variable("AWS_ACCESS_KEY_ID");
    String secret = variable("AWS_SECRET_ACCESS_KEY");
    String token = variable("AWS_SESSION_TOKEN");
    if (key.isEmpty() || secret.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        token.isEmpty()
            ? AwsBasicCredentials.create(key, secret)
            : AwsSessionCredentials.create(key, secret, token));
  }

  private String variable(String name) {
    return settings.environment().getOrDefault(name, "").strip();
  }

  private Optional<Profile> profile() {
    return ProfileFile.defaultProfileFile().profile(profileName());
  }

  private String profileName() {
    String ofEnvironment = variable("AWS_PROFILE");
    return settings.profile().orElse(ofEnvironment.isEmpty() ? "default" : ofEnvironment);
  }
}
