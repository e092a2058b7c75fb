package org.holdfast.client.tidy;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.holdfast.client.catalog.RootListing;
import org.holdfast.client.catalog.UnreadableArchive;
import org.holdfast.core.BlockName;
import org.holdfast.core.CorruptException;
import org.holdfast.core.RefusedException;

/// A machine's archives as who tidies up sees them, by number, and how such a person names one.
public record TidyList(RootListing<TidyArchive> all) {
  private static final Pattern LATEST = Pattern.compile("latest(?:~(\\d{1,9}))?");
  private static final Pattern ID = Pattern.compile("[0-9a-f]{4,64}");

  /// Those whose roots can be read.
  public List<TidyArchive> archives() {
    return all.archives();
  }

  /// Those whose roots cannot.
  public List<UnreadableArchive> unreadable() {
    return all.unreadable();
  }

  /// One line each: what is wrong, or was not done from here.
  public List<String> warnings() {
    return all.warnings();
  }

  /// One line each: numbers of which nobody says why there is no archive.
  public List<String> holes() {
    return all.holes();
  }

  /// The archive that `latest`, `latest~N`, a name (if the key can read names) or 4 or more leading
  /// hex digits of an id stand for.
  public TidyArchive select(String text) throws RefusedException, CorruptException {
    Matcher latest = LATEST.matcher(text);
    if (latest.matches()) {
      return latest(text, latest.group(1) == null ? 0 : Integer.parseInt(latest.group(1)));
    }
    List<TidyArchive> found =
        archives().stream()
            .filter(each -> !each.name().isEmpty() && each.name().equals(text))
            .toList();
    if (found.isEmpty() && ID.matcher(text.toLowerCase(Locale.ROOT)).matches()) {
      String id = text.toLowerCase(Locale.ROOT);
      found = archives().stream().filter(each -> each.root().toString().startsWith(id)).toList();
    }
    if (found.size() == 1) {
      return found.getFirst();
    }
    throw new RefusedException(
        found.isEmpty()
            ? "there is no archive "
                + text
                + ": `holdfast archives` lists them; names need the right to read, and an id 4 or"
                + " more digits"
            : found.size()
                + " archives are meant by "
                + text
                + ": name one by its id ("
                + found.stream().map(TidyArchive::id).collect(Collectors.joining(", "))
                + ")");
  }

  /// What is to be given up, though perhaps not all of it can be read: archives by 4 or more
  /// leading hex digits of their ids.
  public Deletion.Chosen giveUp(List<String> ids) throws RefusedException {
    Map<BlockName, TidyArchive> readable = new LinkedHashMap<>();
    Map<BlockName, UnreadableArchive> lost = new LinkedHashMap<>();
    for (String text : ids) {
      String id = text.toLowerCase(Locale.ROOT);
      if (!ID.matcher(id).matches()) {
        throw new RefusedException(
            "\""
                + text
                + "\" is no id: what cannot be read is named by 4 or more digits of its id alone");
      }
      archives().stream()
          .filter(each -> each.root().toString().startsWith(id))
          .forEach(each -> readable.put(each.root(), each));
      unreadable().stream()
          .filter(each -> each.root().toString().startsWith(id))
          .forEach(each -> lost.put(each.root(), each));
      long found = roots().stream().filter(root -> root.toString().startsWith(id)).count();
      if (found != 1) {
        throw new RefusedException(
            found == 0
                ? "there is no archive " + text + ": `holdfast archives` lists them"
                : found + " archives are meant by " + text + ": give more of the id");
      }
    }
    return new Deletion.Chosen(List.copyOf(readable.values()), List.copyOf(lost.values()), true);
  }

  /// Throws [CorruptException] unless every archive but these can be read.
  void checkComplete(Collection<UnreadableArchive> without) throws CorruptException {
    for (UnreadableArchive each : unreadable()) {
      if (!without.contains(each)) {
        throw notCounted(List.of(each));
      }
    }
  }

  /// Throws [CorruptException] unless the list is what this machine can go by.
  void checkTrusted() throws CorruptException {
    if (!all.doubts().isEmpty()) {
      throw new CorruptException(
          all.doubts().getFirst()
              + "; nothing was deleted now, as the list is not as it should be");
    }
  }

  /// For archives of which it is not known what they need.
  static CorruptException notCounted(List<UnreadableArchive> lost) {
    UnreadableArchive first = lost.getFirst();
    String ids = lost.stream().map(UnreadableArchive::id).collect(Collectors.joining(" "));
    return new CorruptException(
        first.line()
            + (lost.size() == 1 ? "" : " (and %d more)".formatted(lost.size() - 1))
            + "; so it is not known what "
            + (lost.size() == 1 ? "it needs" : "they need")
            + ", and nothing was deleted: ask the service's operator, or give up for good what"
            + " cannot be read with `holdfast delete --unreadable "
            + ids
            + "`");
  }

  /// Of all that the server shows.
  Set<BlockName> roots() {
    return Stream.concat(
            archives().stream().map(TidyArchive::root),
            unreadable().stream().map(UnreadableArchive::root))
        .collect(Collectors.toSet());
  }

  private TidyArchive latest(String text, int back) throws RefusedException, CorruptException {
    checkComplete(List.of());
    List<TidyArchive> whole = archives().stream().filter(each -> !each.partial()).toList();
    if (back >= whole.size()) {
      throw new RefusedException(
          whole.isEmpty()
              ? "there is no archive "
                  + text
                  + ": `holdfast archives` lists what there is, `holdfast undelete --list` what was"
                  + " deleted and can come back"
              : "there is no archive " + text + ": there are only " + whole.size());
    }
    return whole.get(whole.size() - 1 - back);
  }
}
