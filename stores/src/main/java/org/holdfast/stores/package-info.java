/// Real S3 servers that tests start.
@NullMarked
package org.holdfast.stores;

import org.jspecify.annotations.NullMarked;
