package io.tailrace.log;

import com.google.errorprone.annotations.concurrent.GuardedBy;

/**
 * An open file that is closed when its last user lets go, so that its number cannot be given to another file while a
 * call is using it. Thread-safe.
 */
final class Descriptor {
    private final int number;

    @GuardedBy("this") private int users = 1;

    /** Takes over an open file for its first user. */
    Descriptor(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }

    /** Adds a user. @return false if it has been closed */
    synchronized boolean acquire() {
        if (users == 0) {
            return false;
        }
        users++;
        return true;
    }

    /** Removes a user; the last one closes the file. */
    synchronized void release() {
        if (users <= 0) {
            throw new IllegalStateException("descriptor %d released more often than acquired".formatted(number));
        }
        users--;
        if (users == 0) {
            LinuxFiles.close(number);
        }
    }
}
