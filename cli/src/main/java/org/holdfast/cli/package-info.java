/// The program that people see: one class for each command, the client's and the operator's.
@NullMarked
package org.holdfast.cli;

import org.jspecify.annotations.NullMarked;
