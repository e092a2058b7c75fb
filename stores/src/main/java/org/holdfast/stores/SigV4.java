package org.holdfast.stores;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.SortedMap;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Signs requests to S3. Source: "Authenticating Requests (AWS Signature Version 4)", Amazon S3 API
/// Reference.
final class SigV4 {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  private final S3Access access;

  SigV4(S3Access access) {
    this.access = access;
  }

  /// The headers to send: those given (names in small letters) and the signature's. Path and query
  /// of the URI are encoded already, and the query's parameters are in the order of their names.
  SortedMap<String, String> sign(
      String method, URI uri, SortedMap<String, String> headers, byte[] body, Instant now) {
    String time = TIME.format(now);
    String bodyHash = hex(sha256(body));
    SortedMap<String, String> signed = new TreeMap<>(headers);
    signed.put("host", uri.getAuthority());
    signed.put("x-amz-date", time);
    signed.put("x-amz-content-sha256", bodyHash);
    String names = String.join(";", signed.keySet());
    String query = uri.getRawQuery() == null ? "" : uri.getRawQuery();
    StringBuilder request = new StringBuilder();
    request.append(method).append('\n').append(uri.getRawPath()).append('\n');
    request.append(query).append('\n');
    signed.forEach((name, value) -> request.append(name).append(':').append(value).append('\n'));
    request.append('\n').append(names).append('\n').append(bodyHash);
    String day = time.substring(0, 8);
    String scope = day + "/" + access.region() + "/s3/aws4_request";
    String text =
        "AWS4-HMAC-SHA256\n"
            + time
            + "\n"
            + scope
            + "\n"
            + hex(sha256(request.toString().getBytes(UTF_8)));
    String signature = hex(hmac(key(day), text));
    signed.put(
        "authorization",
        "AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s"
            .formatted(access.accessKey(), scope, names, signature));
    return signed;
  }

  private byte[] key(String day) {
    byte[] ofDay = hmac(("AWS4" + access.secretKey()).getBytes(UTF_8), day);
    return hmac(hmac(hmac(ofDay, access.region()), "s3"), "aws4_request");
  }

  private static byte[] hmac(byte[] key, String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(text.getBytes(UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HmacSHA256", e);
    }
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
