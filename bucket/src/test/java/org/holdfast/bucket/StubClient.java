package org.holdfast.bucket;

import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;

/// A store that fails puts with these statuses, one after the other, and whose listings are empty
/// and go on, and whose objects are shorter than nothing.
final class StubClient implements S3Client {
  private final Deque<Integer> statuses;

  StubClient(Integer... statuses) {
    this.statuses = new ArrayDeque<>(List.of(statuses));
  }

  @Override
  public PutObjectResponse putObject(PutObjectRequest request, RequestBody body) {
    throw (S3Exception) S3Exception.builder().statusCode(statuses.remove()).build();
  }

  @Override
  public ListObjectsV2Response listObjectsV2(ListObjectsV2Request request) {
    return ListObjectsV2Response.builder().isTruncated(true).build();
  }

  @Override
  public ResponseInputStream<GetObjectResponse> getObject(GetObjectRequest request) {
    return new ResponseInputStream<>(
        GetObjectResponse.builder().contentLength(0L).contentRange("bytes 0-0/-1").build(),
        AbortableInputStream.create(InputStream.nullInputStream()));
  }

  @Override
  public String serviceName() {
    return "s3";
  }

  @Override
  public void close() {}
}
