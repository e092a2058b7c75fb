package org.holdfast.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.holdfast.core.FuzzContract;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;

/// A bucket's address, as a person or a key file has it. What is read is written as what is read as
/// the same.
final class BucketAddressFuzzTest extends FuzzContract {
  @Override
  protected List<byte[]> seeds() {
    return List.of("dir:/srv/../srv/store", "s3://bucket", "s3://my.bucket-1/some/pre_fix/")
        .stream()
        .map(each -> each.getBytes(StandardCharsets.UTF_8))
        .toList();
  }

  @Override
  protected Class<? extends HoldfastException> refusal() {
    return RefusedException.class;
  }

  @Override
  protected void parse(byte[] input) throws Exception {
    BucketAddress address = BucketAddress.parse(new String(input, StandardCharsets.UTF_8));
    assertThat(BucketAddress.parse(address.toString())).isEqualTo(address);
  }
}
