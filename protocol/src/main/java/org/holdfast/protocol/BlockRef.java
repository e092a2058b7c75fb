package org.holdfast.protocol;

import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;

/// Which block of a machine is meant.
public record BlockRef(BlockClass blockClass, BlockName name) {}
