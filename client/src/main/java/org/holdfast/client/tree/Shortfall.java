package org.holdfast.client.tree;

/// Something that this user or this file system cannot give a restored entry. Counted, never a
/// failure: the content is there.
public enum Shortfall {
  OWNER("kept this user as owner: giving files to others needs root"),
  GROUP("kept this user's group: giving files to a foreign group needs root"),
  SETUID_BITS("left out set-user-id or set-group-id, as the owner could not be kept"),
  MODE("could not set the permissions: the target's file system has none"),
  TIMES("could not set the modification time"),
  ACL("could not set an access control list: the target's file system has none"),
  USER_ATTRIBUTE("could not set an attribute: the target's file system has no room or none"),
  PRIVILEGED_ATTRIBUTE("could not set a trusted or security attribute: that needs root"),
  SPECIAL("left out a device, FIFO or socket: devices need root, all of them a Unix file system");

  private final String text;

  Shortfall(String text) {
    this.text = text;
  }

  /// One line for a person, to follow a count of entries.
  public String text() {
    return text;
  }
}
