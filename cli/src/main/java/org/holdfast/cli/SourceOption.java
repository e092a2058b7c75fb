package org.holdfast.cli;

import java.nio.file.Path;
import org.holdfast.bucket.BucketAddress;
import org.holdfast.cli.console.Failure;
import org.holdfast.cli.console.Output;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.cli.link.Link;
import org.holdfast.cli.link.Links;
import org.holdfast.core.HoldfastException;
import org.holdfast.seal.KeyFile;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Where a command reads from: the service that the key file names, or a bucket without any.
final class SourceOption {
  private final Surroundings surroundings;
  private final Output output;

  @Option(
      names = "--from-bucket",
      paramLabel = "ADDR",
      description =
          "Read the bucket itself, or a copy of it, without its server: dir:PATH or"
              + " s3://BUCKET[/PREFIX].")
  private @Nullable String bucket;

  SourceOption(Surroundings surroundings, Output output) {
    this.surroundings = surroundings;
    this.output = output;
  }

  Link open(KeyFile keyFile, Path cache) throws HoldfastException, Failure {
    Links links = new Links(surroundings);
    if (bucket == null) {
      return links.read(keyFile, cache);
    }
    Link link = links.readBucket(BucketAddress.parse(bucket), keyFile, cache);
    if (keyFile.serviceSecrets().isEmpty()) {
      output.say(
          "without its server nobody vouches for the list of what is in the bucket; what is read is"
              + " proven by your keys");
    }
    return link;
  }
}
