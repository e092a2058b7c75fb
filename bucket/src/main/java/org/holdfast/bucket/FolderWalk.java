package org.holdfast.bucket;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;

/// One page of a folder's keys in order.
///
/// Reads only the folders that can hold keys of the page, and asks for the kind and length only of
/// the files on it. The names of one folder at a time, and of its parents, are in memory. Every
/// folder is synced after it has been read, so that what the page shows is durable.
///
/// In the order of keys a folder `a` stands at `a/`, after its siblings `a-b` and `a.b`. Which name
/// is a folder is not known when the names are sorted, so a folder is put aside until the names
/// before `a/` are done. Of several put aside, the last is the first: it begins with the others.
///
/// For one thread and one page.
final class FolderWalk {
  private final Path root;
  private final String prefix;
  private final String startAfter;
  private final int limit;
  private final FolderSync folders;
  private final List<ListedObject> found = new ArrayList<>();

  FolderWalk(Path root, String prefix, String startAfter, int limit, FolderSync folders) {
    this.root = root;
    this.prefix = prefix;
    this.startAfter = startAfter;
    this.limit = limit;
    this.folders = folders;
  }

  Listing page() throws IOException {
    String base = prefix.substring(0, prefix.lastIndexOf('/') + 1);
    Path folder = root.resolve(base);
    if (!base.isEmpty() && !Files.isDirectory(folder)) {
      return new Listing(List.of(), false);
    }
    folders.confirm(folder);
    visit(folder, base);
    return Listing.cut(found, limit);
  }

  private void visit(Path folder, String base) throws IOException {
    Deque<String> aside = new ArrayDeque<>();
    for (String name : names(folder, base)) {
      visitBefore(name, aside, folder, base);
      if (isComplete()) {
        return;
      }
      visitName(name, aside, folder, base);
    }
    while (!isComplete() && !aside.isEmpty()) {
      visitFolder(aside.pop(), folder, base);
    }
  }

  private void visitBefore(String name, Deque<String> aside, Path folder, String base)
      throws IOException {
    while (!isComplete() && !aside.isEmpty() && (aside.element() + "/").compareTo(name) < 0) {
      visitFolder(aside.pop(), folder, base);
    }
  }

  private void visitFolder(String name, Path folder, String base) throws IOException {
    visit(folder.resolve(name), base + name + "/");
  }

  private void visitName(String name, Deque<String> aside, Path folder, String base)
      throws IOException {
    BasicFileAttributes attributes;
    try {
      attributes = Files.readAttributes(folder.resolve(name), BasicFileAttributes.class);
    } catch (NoSuchFileException _) {
      return; // Deleted since its name was read.
    }
    if (attributes.isDirectory() && mayHold(base + name + "/")) {
      aside.push(name);
    }
    if (attributes.isRegularFile() && isAsked(base + name)) {
      found.add(new ListedObject(base + name, attributes.size()));
    }
  }

  private List<String> names(Path folder, String base) throws IOException {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> children = Files.newDirectoryStream(folder)) {
      for (Path each : children) {
        String name = String.valueOf(each.getFileName());
        String key = base + name;
        if (KeyRules.isKey(key) && (isAsked(key) || mayHold(key + "/"))) {
          names.add(name);
        }
      }
    } catch (NoSuchFileException | NotDirectoryException _) {
      return names; // Somebody removed the folder since its name was read.
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    if (!names.isEmpty()) {
      folders.read(folder);
    }
    Collections.sort(names);
    return names;
  }

  private boolean isAsked(String key) {
    return key.startsWith(prefix) && key.compareTo(startAfter) > 0;
  }

  /// Whether a folder, written with its slash, can hold a key that is asked for. The walk has begun
  /// in the last folder that the prefix names.
  private boolean mayHold(String folder) {
    return folder.startsWith(prefix)
        && (folder.compareTo(startAfter) > 0 || startAfter.startsWith(folder));
  }

  /// One more than asked has been found, which answers whether there is more.
  private boolean isComplete() {
    return found.size() > limit;
  }
}
