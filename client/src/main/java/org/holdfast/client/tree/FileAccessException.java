package org.holdfast.client.tree;

import java.io.IOException;

/// The operating system refused something to do with a file.
///
/// One line: what was tried, on what path (printed safely), why not, and what to do.
public final class FileAccessException extends IOException {
  private static final long serialVersionUID = 1;

  private final int errno;

  /// `action` is a verb as in "cannot open".
  FileAccessException(String action, byte[] path, int errno) {
    super(
        "cannot %s %s: %s (%s); %s"
            .formatted(
                action,
                PathText.print(path),
                Errno.text(errno),
                Errno.name(errno),
                Errno.advice(errno)));
    this.errno = errno;
  }

  /// The number as Linux counts errors.
  public int errno() {
    return errno;
  }

  /// The name of the number, such as `ENOSPC`.
  public String errnoName() {
    return Errno.name(errno);
  }

  /// Whether the entry went away, or gave its name to another, since it was listed: no fault of
  /// anybody's, and nothing that a later look would find.
  public boolean isVanished() {
    return Errno.ENOENT.is(errno) || isReplaced();
  }

  /// Whether another entry has the name that it was listed by.
  public boolean isReplaced() {
    return Errno.ESTALE.is(errno);
  }

  /// Whether more space would help.
  public boolean isDiskFull() {
    return Errno.ENOSPC.is(errno) || Errno.EDQUOT.is(errno);
  }

  /// Whether another user might have succeeded.
  public boolean isPermission() {
    return Errno.EACCES.is(errno) || Errno.EPERM.is(errno);
  }
}
