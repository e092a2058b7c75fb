package org.holdfast.client.catalog;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.tree.PathText;
import org.holdfast.core.BlockName;
import org.holdfast.core.CorruptException;
import org.holdfast.core.RefusedException;

/// A machine's archives as the server shows them, newest last, and how a person names one.
///
/// - `latest` is the newest that is not partial, `latest~N` the N-th before it. If that one cannot
///   be read, it is an error: an older archive never stands in for it. One that cannot be read is
///   never taken for partial, whatever the server says.
/// - Otherwise an exact name, or else 4 or more leading hex digits of the root's name.
///
/// @param archives that can be read
/// @param unreadable that cannot
/// @param warnings one line each: what cannot be read, does not follow from what is before it, or
///   was deleted by somebody else though this machine counts on it
/// @param holes one line each: numbers without an archive, of which nobody says why
public record ArchiveList(
    List<ArchiveInfo> archives,
    List<UnreadableArchive> unreadable,
    List<String> warnings,
    List<String> holes) {
  private static final Pattern LATEST = Pattern.compile("latest(?:~(\\d{1,9}))?");
  private static final Pattern ID = Pattern.compile("[0-9a-f]{4,64}");
  private static final int ID_DIGITS_MIN = 4;
  private static final int IDS_SHOWN = 8;

  public ArchiveList {
    archives = List.copyOf(archives);
    unreadable = List.copyOf(unreadable);
    warnings = List.copyOf(warnings);
    holes = List.copyOf(holes);
  }

  /// The number of the newest archive, readable or not; 0 if there is none.
  public long highestSequence() {
    return all().stream().mapToLong(Listed::sequence).max().orElse(0);
  }

  /// The archive that the text names.
  public ArchiveInfo select(String text) throws RefusedException, CorruptException {
    return find(text)
        .orElseThrow(() ->
            new RefusedException(
                isTooShort(text)
                    ? "there is no archive named "
                        + text
                        + ", and an id has 4 or more digits"
                        + ": give more of it"
                    : "there is no archive " + text + ": `holdfast archives` lists them"));
  }

  /// The archive and the path that `ARCHIVE` or `ARCHIVE:PATH` names. As a name may hold colons,
  /// the longest part of the text that names an archive is taken for its name.
  public ArchivePart resolve(String text) throws RefusedException, CorruptException {
    int end = text.length();
    while (end >= 0) {
      Optional<ArchiveInfo> archive = find(text.substring(0, end));
      if (archive.isPresent()) {
        return new ArchivePart(
            archive.get(), path(text.substring(Math.min(end + 1, text.length()))));
      }
      end = end == 0 ? -1 : text.lastIndexOf(':', end - 1);
    }
    int colon = text.indexOf(':');
    return new ArchivePart(select(colon < 0 ? text : text.substring(0, colon)), ArchivePath.ROOT);
  }

  /// A path as a person writes it, by the rules of [PathText]: slashes at its ends count nothing.
  public static ArchivePath path(String text) throws RefusedException {
    byte[] bytes = PathText.parse(text.replaceAll("^/+|/+$", ""));
    try {
      return ArchivePath.of(bytes);
    } catch (CorruptException e) {
      throw new RefusedException(
          "\"" + text + "\" is no path in an archive: write it without empty parts, . and ..", e);
    }
  }

  private Optional<ArchiveInfo> find(String text) throws RefusedException, CorruptException {
    Matcher latest = LATEST.matcher(text);
    if (latest.matches()) {
      String back = latest.group(1);
      return Optional.of(latest(back == null ? 0 : Integer.parseInt(back)));
    }
    List<ArchiveInfo> named = archives.stream().filter(each -> each.name().equals(text)).toList();
    if (!named.isEmpty()) {
      return Optional.of(only(text, named.stream().map(Listed::of).toList()));
    }
    String id = text.toLowerCase(Locale.ROOT);
    if (!ID.matcher(id).matches()) {
      return Optional.empty();
    }
    List<Listed> found =
        all().stream().filter(each -> each.root.toString().startsWith(id)).toList();
    return found.isEmpty() ? Optional.empty() : Optional.of(only(text, found));
  }

  private boolean isTooShort(String text) {
    return !text.isEmpty()
        && text.length() < ID_DIGITS_MIN
        && all().stream().anyMatch(each -> each.root.toString().startsWith(text));
  }

  private ArchiveInfo latest(int back) throws RefusedException, CorruptException {
    List<Listed> whole = all().stream().filter(each -> !each.partial).toList();
    if (whole.isEmpty()) {
      throw new RefusedException(
          archives.isEmpty()
              ? "there is no archive: `holdfast backup` makes one, and `holdfast undelete --list`"
                  + " shows if there are some that can be brought back"
              : "there is no complete archive yet: name a partial one by its id");
    }
    if (back >= whole.size()) {
      throw new RefusedException(
          "there is no archive latest~" + back + ": there are only " + whole.size());
    }
    return readable(whole.get(whole.size() - 1 - back));
  }

  private ArchiveInfo only(String text, List<Listed> found)
      throws RefusedException, CorruptException {
    if (found.size() == 1) {
      return readable(found.getFirst());
    }
    String ids =
        found.stream()
            .limit(IDS_SHOWN)
            .map(each -> ArchiveInfo.shortId(each.root))
            .collect(Collectors.joining(", "));
    throw new RefusedException(
        found.size()
            + " archives are meant by "
            + text
            + ": name one by its id ("
            + ids
            + (found.size() > IDS_SHOWN ? ", ..." : "")
            + ")");
  }

  private static ArchiveInfo readable(Listed listed) throws CorruptException {
    Optional<ArchiveInfo> info = listed.info;
    if (info.isEmpty()) {
      throw new CorruptException(
          "archive number %d (%s) cannot be read: %s; name another one"
              .formatted(listed.sequence, ArchiveInfo.shortId(listed.root), listed.reason));
    }
    return info.get();
  }

  private List<Listed> all() {
    List<Listed> all = new ArrayList<>();
    archives.forEach(each -> all.add(Listed.of(each)));
    unreadable.forEach(each -> all.add(Listed.of(each)));
    all.sort(Comparator.comparingLong(Listed::sequence));
    return all;
  }

  /// An archive, readable or not.
  private record Listed(
      BlockName root, long sequence, boolean partial, Optional<ArchiveInfo> info, String reason) {
    static Listed of(ArchiveInfo info) {
      return new Listed(info.root(), info.sequence(), info.partial(), Optional.of(info), "");
    }

    static Listed of(UnreadableArchive lost) {
      return new Listed(lost.root(), lost.sequence(), false, Optional.empty(), lost.reason());
    }
  }
}
