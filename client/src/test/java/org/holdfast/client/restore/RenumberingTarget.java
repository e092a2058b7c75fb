package org.holdfast.client.restore;

import java.util.OptionalLong;
import java.util.Set;
import org.holdfast.client.tree.FileAccessException;
import org.holdfast.client.tree.FileType;
import org.holdfast.client.tree.MemoryTree;
import org.holdfast.client.tree.Metadata;
import org.holdfast.client.tree.Shortfall;
import org.holdfast.client.tree.TargetFile;
import org.holdfast.client.tree.TargetTree;
import org.holdfast.core.CorruptException;

/// A target where users' numbers are higher by so much than elsewhere, and no group is known.
record RenumberingTarget(MemoryTree tree, long shift) implements TargetTree {
  @Override
  public Set<Shortfall> expectedShortfalls() {
    return Set.of();
  }

  @Override
  public boolean isEmpty() {
    return tree.isEmpty();
  }

  @Override
  public boolean createFolder(byte[] path) throws FileAccessException, CorruptException {
    return tree.createFolder(path);
  }

  @Override
  public TargetFile createFile(byte[] path) throws FileAccessException, CorruptException {
    return tree.createFile(path);
  }

  @Override
  public TargetFile openExisting(byte[] path) throws FileAccessException, CorruptException {
    return tree.openExisting(path);
  }

  @Override
  public void createSymlink(byte[] path, byte[] target)
      throws FileAccessException, CorruptException {
    tree.createSymlink(path, target);
  }

  @Override
  public void createHardLink(byte[] path, byte[] existing)
      throws FileAccessException, CorruptException {
    tree.createHardLink(path, existing);
  }

  @Override
  public Set<Shortfall> createSpecial(byte[] path, FileType type, int major, int minor)
      throws FileAccessException, CorruptException {
    return tree.createSpecial(path, type, major, minor);
  }

  @Override
  public void remove(byte[] path) {
    tree.remove(path);
  }

  @Override
  public Set<Shortfall> finish(byte[] path, FileType type, Metadata metadata)
      throws FileAccessException, CorruptException {
    return tree.finish(path, type, metadata);
  }

  @Override
  public OptionalLong userNumber(byte[] name) {
    OptionalLong number = tree.userNumber(name);
    return number.isPresent() ? OptionalLong.of(number.getAsLong() + shift) : number;
  }

  @Override
  public OptionalLong groupNumber(byte[] name) {
    return OptionalLong.empty();
  }

  @Override
  public void sync() {
    tree.sync();
  }

  @Override
  public void close() {}
}
