package org.holdfast.server.alert;

import org.holdfast.core.UnavailableException;

/// Takes what is to be told.
public interface Alarm {
  /// Tells these lines. Throws if nobody has taken them: they are told again.
  void tell(String lines) throws UnavailableException;
}
