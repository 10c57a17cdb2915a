/** Who may call: tokens, Host and Origin checks. */
@NullMarked
package io.tailrace.server.auth;

import org.jspecify.annotations.NullMarked;
