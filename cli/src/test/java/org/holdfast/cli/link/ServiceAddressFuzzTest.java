package org.holdfast.cli.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.holdfast.core.FuzzContract;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;

/// A service's address, as a person or a key file has it. What is read is written as what is read
/// as the same.
final class ServiceAddressFuzzTest extends FuzzContract {
  @Override
  protected List<byte[]> seeds() {
    return List.of("backup.example.org:7420", "[::1]:65535", "10.0.0.1:1", "dir:/srv/store")
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
    ServiceAddress address = ServiceAddress.parse(new String(input, StandardCharsets.UTF_8));
    assertThat(ServiceAddress.parse(address.toString())).isEqualTo(address);
  }
}
