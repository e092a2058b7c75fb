package org.holdfast.server;

import java.util.ArrayList;
import java.util.List;
import org.holdfast.server.shard.ShardStart;

/// Keeps what a start says of images.
class ToldStart implements ShardStart.Listener {
  final List<String> taken = new ArrayList<>();
  final List<String> left = new ArrayList<>();
  final List<String> fromHeaders = new ArrayList<>();
  long imageBytes;
  long fetched;

  @Override
  public void imageFetched(long bytesDone, long bytesAll) {
    imageBytes += bytesDone;
  }

  @Override
  public void imageTaken(String list, long record, long bytes) {
    taken.add(list);
  }

  @Override
  public void imageLeft(String list, String why) {
    left.add(list + ": " + why);
  }

  @Override
  public void fromHeaders(String why) {
    fromHeaders.add(why);
  }

  @Override
  public void fetched(long segmentsDone, long segmentsAll) {
    fetched = segmentsDone;
  }

  @Override
  public String toString() {
    return "taken " + taken + ", left " + left + ", from headers " + fromHeaders;
  }
}
