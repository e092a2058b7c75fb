/// Files and folders of this machine: reading a tree, writing one, comparing two.
@NullMarked
package org.holdfast.client.tree;

import org.jspecify.annotations.NullMarked;
