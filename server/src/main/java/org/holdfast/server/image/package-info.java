/// Images: copies of a shard's index in the bucket (`docs/images.md`).
///
/// - [ImageFile] a file of an image
/// - [ImageFolder] the files of an index on the local disk
/// - [ImageAge] how old one is
/// - [ImageFetch] brings an image's files from the bucket
/// - [ImageList] what an image consists of, and its bytes
/// - [ImageMac] by whom they were written
/// - [ImageRule] when one is made, and how long it holds cleaning up
/// - [ImageStore] lists and pieces in the bucket
@NullMarked
package org.holdfast.server.image;

import org.jspecify.annotations.NullMarked;
