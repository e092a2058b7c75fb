package org.holdfast.server.image;

import org.holdfast.core.CorruptException;
import org.holdfast.log.LogKey;

/// Lists as bytes, for who forges them.
public final class ImageBytes {
  private ImageBytes() {}

  public static byte[] encode(ImageList list, LogKey key) {
    return list.encode(new ImageMac(key));
  }

  public static ImageList decode(byte[] list, LogKey key) throws CorruptException {
    return ImageList.decode(list, new ImageMac(key));
  }
}
