package org.holdfast.bucket;

/// One line of a listing: a key, and its object's length in bytes.
public record ListedObject(String key, long length) {}
