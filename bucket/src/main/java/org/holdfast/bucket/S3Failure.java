package org.holdfast.bucket;

import java.io.IOException;
import java.util.Set;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;
import org.holdfast.core.UnavailableException.Trouble;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/// What a store's answer, or its silence, means to the caller (`docs/buckets.md`, "What can go
/// wrong").
final class S3Failure {
  /// Error codes that come with a status of 400 and are worth another attempt: the body did not
  /// arrive as it was sent.
  private static final Set<String> DAMAGED_ON_THE_WAY =
      Set.of(
          "BadDigest",
          "IncompleteBody",
          "InvalidDigest",
          "RequestTimeout",
          "XAmzContentChecksumMismatch",
          "XAmzContentSHA256Mismatch");

  private S3Failure() {}

  /// Refused or unavailable.
  ///
  /// @param what such as "put log/00/…"
  static HoldfastException of(SdkException e, String bucket, String what) {
    String subject = "cannot " + what + " in s3://" + bucket;
    if (e instanceof S3Exception answer) {
      return ofAnswer(answer, bucket, subject);
    }
    if (e instanceof ApiCallAttemptTimeoutException || e instanceof ApiCallTimeoutException) {
      return new UnavailableException(subject + ": it took too long", Trouble.TIMED_OUT, e);
    }
    if (String.valueOf(e.getMessage()).contains("credentials")) {
      return new RefusedException(subject + ": " + line(e), e);
    }
    return new UnavailableException(subject + ": " + line(e), Trouble.DISCONNECTED, e);
  }

  /// A body that broke off.
  static UnavailableException of(IOException e, String bucket, String what) {
    return new UnavailableException(
        "cannot " + what + " in s3://" + bucket + ": the connection broke: " + e.getMessage(),
        Trouble.DISCONNECTED,
        e);
  }

  /// The failure in one line.
  static String line(SdkException e) {
    Throwable cause = e;
    for (Throwable next = e; next != null; next = next.getCause()) {
      cause = next;
    }
    String text = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    return text.lines().findFirst().orElse("no reason given");
  }

  static String code(S3Exception e) {
    AwsErrorDetails details = e.awsErrorDetails();
    return details == null || details.errorCode() == null ? "" : details.errorCode();
  }

  /// Whether the store said that it cannot do what was asked of it.
  static boolean isNotImplemented(RefusedException e) {
    return e.getCause() instanceof S3Exception answer && answer.statusCode() == 501;
  }

  private static HoldfastException ofAnswer(S3Exception e, String bucket, String subject) {
    String code = code(e);
    String told = subject + ": the store says " + e.statusCode() + " " + code;
    if (e.statusCode() == 503 || e.statusCode() == 429 || code.equals("SlowDown")) {
      return new UnavailableException(told, Trouble.THROTTLED, e);
    }
    if ((e.statusCode() >= 500 && e.statusCode() != 501) || e.statusCode() == 409) {
      return new UnavailableException(told, Trouble.FAILED, e);
    }
    if (e.statusCode() == 408 || DAMAGED_ON_THE_WAY.contains(code)) {
      return new UnavailableException(told, Trouble.DISCONNECTED, e);
    }
    return new RefusedException(told + advice(e.statusCode(), code, bucket), e);
  }

  private static String advice(int status, String code, String bucket) {
    return switch (code) {
      case "NoSuchBucket" -> ": make the bucket " + bucket + " first, or correct its name";
      case "InvalidAccessKeyId", "SignatureDoesNotMatch" -> ": check the access key and its secret";
      case "RequestTimeTooSkewed" -> ": set this machine's clock";
      case "ExpiredToken", "TokenRefreshRequired" -> ": renew the credentials";
      case "PermanentRedirect",
          "AuthorizationHeaderMalformed",
          "IllegalLocationConstraintException" ->
          ": the bucket is in another region: set AWS_REGION or `s3-region`";
      case "InvalidStorageClass" -> ": correct `s3-storage-class`";
      case "NotImplemented" ->
          ": the store cannot do what is asked; `holdfast bucket probe` shows more";
      default ->
          switch (status) {
            case 301, 307 -> ": the bucket is in another region: set AWS_REGION or `s3-region`";
            case 401, 403 -> ": the credentials may not do this: allow it in the bucket's policy";
            case 404 -> ": check the endpoint and the bucket's name";
            default -> ": `holdfast bucket probe` shows what the store can do";
          };
    };
  }
}
