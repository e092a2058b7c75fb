package org.holdfast.client.tidy;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.holdfast.client.catalog.UnreadableArchive;
import org.holdfast.core.BlockName;
import org.holdfast.core.CorruptException;
import org.holdfast.core.RefusedException;

/// A machine's archives as who tidies up sees them, by number.
///
/// @param archives whose references can be read
/// @param unreadable whose references cannot
/// @param warnings one line each: what is wrong, or was not done from here
/// @param holes one line each: numbers of which nobody says why there is no archive
public record TidyList(
    List<TidyArchive> archives,
    List<UnreadableArchive> unreadable,
    List<String> warnings,
    List<String> holes) {
  private static final Pattern LATEST = Pattern.compile("latest(?:~(\\d{1,9}))?");
  private static final Pattern ID = Pattern.compile("[0-9a-f]{4,64}");

  public TidyList {
    archives = List.copyOf(archives);
    unreadable = List.copyOf(unreadable);
    warnings = List.copyOf(warnings);
    holes = List.copyOf(holes);
  }

  /// The archive that `latest`, `latest~N` or 4 or more leading hex digits of an id stand for.
  public TidyArchive select(String text) throws RefusedException, CorruptException {
    Matcher latest = LATEST.matcher(text);
    if (latest.matches()) {
      return latest(text, latest.group(1) == null ? 0 : Integer.parseInt(latest.group(1)));
    }
    String id = text.toLowerCase(Locale.ROOT);
    List<TidyArchive> found =
        ID.matcher(id).matches()
            ? archives.stream().filter(each -> each.root().toString().startsWith(id)).toList()
            : List.of();
    if (found.size() == 1) {
      return found.getFirst();
    }
    throw new RefusedException(
        found.isEmpty()
            ? "there is no archive "
                + text
                + ": `holdfast archives` lists them; names need the right to read"
            : found.size()
                + " archives are meant by "
                + text
                + ": give more of the id ("
                + found.stream().map(TidyArchive::id).collect(Collectors.joining(", "))
                + ")");
  }

  /// Throws [CorruptException] unless every archive that is there can be read.
  void checkComplete() throws CorruptException {
    if (!unreadable.isEmpty()) {
      UnreadableArchive first = unreadable.getFirst();
      throw new CorruptException(
          "archive number %d cannot be read (%s), so that it is not known what it needs:"
                  .formatted(first.sequence(), first.reason())
              + " nothing was deleted; ask the service's operator");
    }
  }

  /// Throws [CorruptException] unless the list is what this machine can go by.
  void checkTrusted() throws CorruptException {
    checkComplete();
    if (!warnings.isEmpty()) {
      throw new CorruptException(
          warnings.getFirst() + "; nothing was deleted now, as the list is not as it should be");
    }
  }

  Set<BlockName> roots() {
    return archives.stream().map(TidyArchive::root).collect(Collectors.toSet());
  }

  private TidyArchive latest(String text, int back) throws RefusedException, CorruptException {
    checkComplete();
    List<TidyArchive> whole = archives.stream().filter(each -> !each.partial()).toList();
    if (back >= whole.size()) {
      throw new RefusedException(
          "there is no archive " + text + ": there are only " + whole.size());
    }
    return whole.get(whole.size() - 1 - back);
  }
}
