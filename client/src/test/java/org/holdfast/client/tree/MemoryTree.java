package org.holdfast.client.tree;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.holdfast.core.CorruptException;
import org.jspecify.annotations.Nullable;

/// A tree in memory, to be read and written: for tests and for simulation.
///
/// Files keep blocks of [#BLOCK_BYTES] and count those that were never written as holes. Each
/// change moves the time of change on by a nanosecond. Everything can be owned by anybody. All
/// methods lock the whole tree.
public final class MemoryTree implements SourceTree, TargetTree {
  private static final int BLOCK_BYTES = 4096;
  private static final int NANOS = 1_000_000_000;

  private final TreeMap<byte[], Node> nodes = new TreeMap<>(TreePath::compare);
  private boolean isSynced;
  private long ticks;
  private long inodes = 1;

  public MemoryTree() {
    nodes.put(TreePath.root(), new Node(FileType.FOLDER, 0700));
  }

  /// A tree of its own that is the same, also by its inodes and times.
  public synchronized MemoryTree copy() {
    MemoryTree copy = new MemoryTree();
    copy.nodes.clear();
    Map<Node, Node> copies = new IdentityHashMap<>();
    nodes.forEach((path, node) ->
        copy.nodes.put(path, copies.computeIfAbsent(node, each -> copy.new Node(each))));
    copy.ticks = ticks;
    copy.inodes = inodes;
    copy.isSynced = isSynced;
    return copy;
  }

  /// Takes away an entry, a folder with all in it.
  @Override
  public synchronized void remove(byte[] path) {
    for (Map.Entry<byte[], Node> each : List.copyOf(nodes.tailMap(path).entrySet())) {
      if (!TreePath.isWithin(each.getKey(), path)) {
        return;
      }
      nodes.remove(each.getKey());
      each.getValue().links--;
    }
  }

  @Override
  public TreeWalk walk() {
    return new MemoryWalk();
  }

  @Override
  public synchronized FileStatus status(byte[] path) throws FileAccessException {
    return node("look at", path).status();
  }

  @Override
  public synchronized SourceFile open(byte[] path, FileStatus expected) throws FileAccessException {
    Node node = node("open", path);
    if (!node.status().isSameFile(expected)) {
      throw new FileAccessException("open", path, Errno.ESTALE.number());
    }
    return new MemorySource(node);
  }

  @Override
  public synchronized byte[] symlinkTarget(byte[] path) throws FileAccessException {
    return node("read the symlink", path).target.clone();
  }

  @Override
  public synchronized List<ExtendedAttribute> attributes(byte[] path) throws FileAccessException {
    return node("list the attributes of", path).attributes;
  }

  @Override
  public Optional<byte[]> userName(long uid) {
    return Optional.of(("user" + uid).getBytes());
  }

  @Override
  public Optional<byte[]> groupName(long gid) {
    return Optional.of(("group" + gid).getBytes());
  }

  @Override
  public OptionalLong userNumber(byte[] name) {
    String text = new String(name);
    return text.matches("user\\d+")
        ? OptionalLong.of(Long.parseLong(text.substring(4)))
        : OptionalLong.empty();
  }

  @Override
  public OptionalLong groupNumber(byte[] name) {
    String text = new String(name);
    return text.matches("group\\d+")
        ? OptionalLong.of(Long.parseLong(text.substring(5)))
        : OptionalLong.empty();
  }

  @Override
  public Set<Shortfall> expectedShortfalls() {
    return EnumSet.noneOf(Shortfall.class);
  }

  @Override
  public synchronized boolean isEmpty() {
    return nodes.size() == 1;
  }

  @Override
  public synchronized boolean createFolder(byte[] path)
      throws FileAccessException, CorruptException {
    Node there = nodes.get(path);
    if (there != null && there.type == FileType.FOLDER) {
      return false;
    }
    add("create folder", path, new Node(FileType.FOLDER, 0700));
    return true;
  }

  @Override
  public synchronized TargetFile createFile(byte[] path)
      throws FileAccessException, CorruptException {
    return new MemoryTarget(add("create", path, new Node(FileType.REGULAR, 0600)));
  }

  @Override
  public synchronized TargetFile openExisting(byte[] path)
      throws FileAccessException, CorruptException {
    TreePath.check(path);
    Node node = node("resume", path);
    if (node.type != FileType.REGULAR) {
      throw new FileAccessException("resume", path, Errno.EEXIST.number());
    }
    return new MemoryTarget(node);
  }

  @Override
  public synchronized void createSymlink(byte[] path, byte[] target)
      throws FileAccessException, CorruptException {
    add("create symlink", path, new Node(FileType.SYMLINK, 0777)).target = target.clone();
  }

  @Override
  public synchronized void createHardLink(byte[] path, byte[] existing)
      throws FileAccessException, CorruptException {
    TreePath.check(existing);
    Node node = node("create hard link", existing);
    if (node.type == FileType.FOLDER) {
      throw new FileAccessException("create hard link", path, Errno.EPERM.number());
    }
    add("create hard link", path, node);
    node.links++;
  }

  @Override
  public synchronized Set<Shortfall> createSpecial(byte[] path, FileType type, int major, int minor)
      throws FileAccessException, CorruptException {
    Node node = add("create", path, new Node(type, 0600));
    node.major = type.isDevice() ? major : 0;
    node.minor = type.isDevice() ? minor : 0;
    return EnumSet.noneOf(Shortfall.class);
  }

  @Override
  public synchronized Set<Shortfall> finish(byte[] path, FileType type, Metadata metadata)
      throws FileAccessException, CorruptException {
    Node node = node("finish", path);
    if (node.type != type) {
      throw new FileAccessException("finish", path, Errno.ESTALE.number());
    }
    node.finish(metadata);
    isSynced = false;
    return EnumSet.noneOf(Shortfall.class);
  }

  @Override
  public synchronized void sync() {
    isSynced = true;
  }

  /// Whether nothing but a file was finished since the last [#sync].
  public synchronized boolean isSynced() {
    return isSynced;
  }

  @Override
  public void close() {}

  private Node node(String action, byte[] path) throws FileAccessException {
    Node node = nodes.get(path);
    if (node == null) {
      throw new FileAccessException(action, path, Errno.ENOENT.number());
    }
    return node;
  }

  private Node add(String action, byte[] path, Node node)
      throws FileAccessException, CorruptException {
    TreePath.check(path);
    if (node(action, TreePath.parent(path)).type != FileType.FOLDER) {
      throw new FileAccessException(action, path, Errno.ENOTDIR.number());
    }
    if (nodes.putIfAbsent(path.clone(), node) != null) {
      throw new FileAccessException(action, path, Errno.EEXIST.number());
    }
    node(action, TreePath.parent(path)).modify();
    return node;
  }

  private Timestamp tick() {
    ticks++;
    return new Timestamp(ticks / NANOS, (int) (ticks % NANOS));
  }

  private final class Node {
    private final FileType type;
    private final long inode;
    private final TreeMap<Long, byte[]> blocks = new TreeMap<>();
    private int mode;
    private long uid;
    private long gid;
    private long size;
    private long links = 1;
    private int major;
    private int minor;
    private byte[] target = {};
    private Timestamp mtime = tick();
    private Timestamp ctime = mtime;
    private List<ExtendedAttribute> attributes = List.of();

    Node(FileType type, int mode) {
      this.type = type;
      this.mode = mode;
      this.inode = inodes++;
    }

    Node(Node other) {
      type = other.type;
      inode = other.inode;
      other.blocks.forEach((number, block) -> blocks.put(number, block.clone()));
      mode = other.mode;
      uid = other.uid;
      gid = other.gid;
      size = other.size;
      links = other.links;
      major = other.major;
      minor = other.minor;
      target = other.target;
      mtime = other.mtime;
      ctime = other.ctime;
      attributes = other.attributes;
    }

    FileStatus status() {
      long length = type == FileType.SYMLINK ? target.length : size;
      long allocated = (long) blocks.size() * BLOCK_BYTES;
      return new FileStatus(
          type, mode, uid, gid, length, allocated, mtime, ctime, inode, 1, links, major, minor,
          false);
    }

    void modify() {
      mtime = tick();
      ctime = mtime;
    }

    void finish(Metadata metadata) {
      mode = type == FileType.SYMLINK ? mode : metadata.mode();
      uid = metadata.uid();
      gid = metadata.gid();
      mtime = metadata.mtime();
      ctime = tick();
      List<ExtendedAttribute> sorted = new ArrayList<>(metadata.attributes());
      Collections.sort(sorted);
      attributes = List.copyOf(sorted);
    }

    void write(long position, byte[] bytes, int offset, int length) {
      for (int done = 0; done < length; ) {
        long at = position + done;
        int within = (int) (at % BLOCK_BYTES);
        int piece = Math.min(length - done, BLOCK_BYTES - within);
        byte[] block = blocks.computeIfAbsent(at / BLOCK_BYTES, _ -> new byte[BLOCK_BYTES]);
        System.arraycopy(bytes, offset + done, block, within, piece);
        done += piece;
      }
      size = Math.max(size, position + length);
      modify();
    }

    void truncate(long newSize) {
      blocks.tailMap((newSize + BLOCK_BYTES - 1) / BLOCK_BYTES).clear();
      byte[] last = blocks.get(newSize / BLOCK_BYTES);
      if (last != null) {
        Arrays.fill(last, (int) (newSize % BLOCK_BYTES), BLOCK_BYTES, (byte) 0);
      }
      size = newSize;
      modify();
    }
  }

  private final class MemoryWalk implements TreeWalk {
    private byte @Nullable [] last;
    private byte @Nullable [] skipped;

    @Override
    public @Nullable Step next() {
      synchronized (MemoryTree.this) {
        Map.Entry<byte[], Node> entry = last == null ? nodes.firstEntry() : nodes.higherEntry(last);
        while (entry != null && skipped != null && TreePath.isWithin(entry.getKey(), skipped)) {
          entry = nodes.higherEntry(entry.getKey());
        }
        if (entry == null) {
          return null;
        }
        last = entry.getKey();
        return new Found(last, entry.getValue().status());
      }
    }

    @Override
    public void skipChildren() {
      skipped = last;
    }

    @Override
    public void close() {}
  }

  private final class MemorySource implements SourceFile {
    private final Node node;
    private final FileStatus opened;
    private long position;

    MemorySource(Node node) {
      this.node = node;
      this.opened = node.status();
    }

    @Override
    public FileStatus opened() {
      return opened;
    }

    @Override
    public long position() {
      return position;
    }

    @Override
    public long skipHole() {
      synchronized (MemoryTree.this) {
        Map.Entry<Long, byte[]> data = node.blocks.ceilingEntry(position / BLOCK_BYTES);
        long next = data == null ? Long.MAX_VALUE : data.getKey() * BLOCK_BYTES;
        long hole = Math.max(0, Math.min(next, limit()) - position);
        position += hole;
        return hole;
      }
    }

    @Override
    public List<ExtendedAttribute> attributes() {
      synchronized (MemoryTree.this) {
        return node.attributes;
      }
    }

    @Override
    public int read(byte[] into, int offset, int length) {
      synchronized (MemoryTree.this) {
        if (position >= limit()) {
          return -1;
        }
        int done = 0;
        while (done < length && position < limit()) {
          byte[] block = node.blocks.get(position / BLOCK_BYTES);
          if (block == null) {
            return done;
          }
          int within = (int) (position % BLOCK_BYTES);
          int piece = Math.min(length - done, BLOCK_BYTES - within);
          piece = (int) Math.min(piece, limit() - position);
          System.arraycopy(block, within, into, offset + done, piece);
          done += piece;
          position += piece;
        }
        return done;
      }
    }

    @Override
    public FileStatus status() {
      synchronized (MemoryTree.this) {
        return node.status();
      }
    }

    @Override
    public void close() {}

    private long limit() {
      return Math.min(opened.size(), node.size);
    }
  }

  /// How many files were synced before their metadata was set.
  public synchronized int filesSyncedInTime() {
    return filesSyncedInTime;
  }

  private int filesSyncedInTime;

  private final class MemoryTarget implements TargetFile {
    private final Node node;
    private boolean isFinished;

    MemoryTarget(Node node) {
      this.node = node;
    }

    @Override
    public FileStatus status() {
      synchronized (MemoryTree.this) {
        return node.status();
      }
    }

    @Override
    public void write(long position, byte[] bytes, int offset, int length) {
      synchronized (MemoryTree.this) {
        node.write(position, bytes, offset, length);
      }
    }

    @Override
    public void truncate(long size) {
      synchronized (MemoryTree.this) {
        node.truncate(size);
      }
    }

    @Override
    public void sync() {
      synchronized (MemoryTree.this) {
        filesSyncedInTime += isFinished ? 0 : 1;
      }
    }

    @Override
    public Set<Shortfall> finish(Metadata metadata) {
      synchronized (MemoryTree.this) {
        node.finish(metadata);
        isFinished = true;
        return EnumSet.noneOf(Shortfall.class);
      }
    }

    @Override
    public void close() {}
  }
}
