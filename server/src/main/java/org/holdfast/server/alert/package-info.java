/// Tells somebody when something is wrong, instead of waiting to be asked.
///
/// - [Alarm] takes what is to be told
/// - [AlertCommand] hands it to a command of the operator's
/// - [AlertWatch] looks, and tells what begins, lasts and is over
/// - [Trouble] something that is wrong, and when it is told
/// - [Troubles] what is wrong, by a server's figures
@NullMarked
package org.holdfast.server.alert;

import org.jspecify.annotations.NullMarked;
