/// What a walk leaves out.
///
/// - [Exclusions] all that a person has said about it
/// - [FolderMark] a file by which a folder says that what it holds is left out
/// - [Glob] a pattern of paths
/// - [NameParser] one name of a pattern
/// - [PathRules] patterns in their order, the last one that matches decides
/// - [Size] lengths as people write them
/// - [Text] bytes as characters, of which none is lost
/// - [WalkFilter] applies them entry by entry
@NullMarked
package org.holdfast.client.select;

import org.jspecify.annotations.NullMarked;
