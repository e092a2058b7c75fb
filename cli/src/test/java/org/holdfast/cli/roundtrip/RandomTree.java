package org.holdfast.cli.roundtrip;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.holdfast.client.tree.ExtendedAttribute;
import org.holdfast.client.tree.FileType;
import org.holdfast.client.tree.Metadata;
import org.holdfast.client.tree.PosixTarget;
import org.holdfast.client.tree.TargetFile;
import org.holdfast.client.tree.TargetTree;
import org.holdfast.client.tree.Timestamp;
import org.holdfast.client.tree.TreePath;
import org.holdfast.core.Bytes;

/// Makes a tree with every kind of entry, from a seed: odd names, holes, hard links, attributes,
/// odd modes and times.
final class RandomTree {
  private final Random random;
  private final TargetTree target;
  private final List<byte[]> folders = new ArrayList<>();
  private final List<byte[]> files = new ArrayList<>();

  private RandomTree(long seed, TargetTree target) {
    this.random = new Random(seed);
    this.target = target;
  }

  /// Fills the folder, which exists and is empty.
  static void make(long seed, Path folder, int entries) throws Exception {
    try (TargetTree target = PosixTarget.open(folder.toString().getBytes(StandardCharsets.UTF_8))) {
      RandomTree tree = new RandomTree(seed, target);
      tree.folders.add(TreePath.root());
      for (int i = 0; i < entries; i++) {
        tree.add(i);
      }
      for (byte[] made : tree.folders.reversed()) {
        if (made.length > 0) {
          target.finish(made, FileType.FOLDER, tree.metadata(0700 | tree.random.nextInt(0100)));
        }
      }
    }
  }

  private void add(int number) throws Exception {
    byte[] path = TreePath.join(folders.get(random.nextInt(folders.size())), name(number));
    switch (random.nextInt(12)) {
      case 0, 1 -> {
        target.createFolder(path);
        folders.add(path);
      }
      case 2 -> {
        target.createSymlink(path, name(number + 1000));
        target.finish(path, FileType.SYMLINK, metadata(0777));
      }
      case 3 -> {
        target.createSpecial(path, FileType.FIFO, 0, 0);
        target.finish(path, FileType.FIFO, metadata(0640));
      }
      case 4 -> {
        if (!files.isEmpty()) {
          target.createHardLink(path, files.get(random.nextInt(files.size())));
        }
      }
      case 5 -> device(path);
      default -> file(path);
    }
  }

  private void device(byte[] path) throws Exception {
    FileType type = random.nextBoolean() ? FileType.CHAR_DEVICE : FileType.BLOCK_DEVICE;
    int major = 1 + random.nextInt(200);
    if (target.createSpecial(path, type, major, random.nextInt(300)).isEmpty()) {
      target.finish(path, type, metadata(0600));
    }
  }

  private void file(byte[] path) throws Exception {
    try (TargetFile file = target.createFile(path)) {
      switch (random.nextInt(8)) {
        case 0 -> {}
        case 1 -> sparse(file);
        case 2 -> write(file, 0, 200_000 + random.nextInt(3_000_000), true);
        case 3 -> write(file, 0, 100_000 + random.nextInt(1_500_000), false);
        default -> write(file, 0, random.nextInt(20_000), random.nextBoolean());
      }
      file.finish(metadata(random.nextInt(0x1000) & ~06000 | 0400));
    }
    files.add(path);
  }

  private void sparse(TargetFile file) throws Exception {
    long position = 0;
    for (int i = random.nextInt(5); i >= 0; i--) {
      position += (long) random.nextInt(300) << 12;
      int length = 1 + random.nextInt(50_000);
      write(file, position, length, true);
      position += length;
    }
    file.truncate(position + random.nextInt(1 << 20));
  }

  private void write(TargetFile file, long position, int length, boolean incompressible)
      throws Exception {
    byte[] bytes = new byte[length];
    if (incompressible) {
      random.nextBytes(bytes);
    } else {
      for (int i = 0; i < length; i++) {
        bytes[i] = (byte) ("the quick brown fox ".charAt(i % 20) + (i / 997) % 3);
      }
    }
    file.write(position, bytes, 0, length);
  }

  private Metadata metadata(int mode) {
    List<ExtendedAttribute> attributes = new ArrayList<>();
    if (mode != 0777 && mode != 0640 && mode != 0600) {
      for (int i = random.nextInt(6) - 3; i > 0; i--) {
        byte[] value = new byte[random.nextInt(40)];
        random.nextBytes(value);
        attributes.add(
            new ExtendedAttribute(
                Bytes.copyOf(("user.n" + i).getBytes(StandardCharsets.US_ASCII)),
                Bytes.wrap(value)));
      }
    }
    long seconds = random.nextInt(10) == 0 ? -random.nextInt(1 << 30) : random.nextInt();
    Timestamp time = new Timestamp(seconds, random.nextInt(1_000_000_000));
    return new Metadata(mode, owner(), owner(), time, attributes);
  }

  private int owner() {
    return random.nextInt(4) == 0 ? random.nextInt(70_000) : 0;
  }

  private byte[] name(int number) {
    byte[] stem = ("n" + number).getBytes(StandardCharsets.US_ASCII);
    byte[] odd = new byte[random.nextInt(12)];
    random.nextBytes(odd);
    byte[] name = new byte[stem.length + odd.length];
    for (int i = 0; i < odd.length; i++) {
      name[i] = odd[i] == 0 || odd[i] == '/' ? (byte) '\n' : odd[i];
    }
    System.arraycopy(stem, 0, name, odd.length, stem.length);
    return name;
  }
}
