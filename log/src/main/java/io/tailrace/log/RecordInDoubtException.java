package io.tailrace.log;

import java.io.IOException;

/**
 * An append failed when its record was complete in the file, and the record could not be taken out again. The next append
 * takes its place; if the server is killed before, it is found as if it had been appended.
 */
public final class RecordInDoubtException extends IOException {
    private static final long serialVersionUID = 1;

    RecordInDoubtException(IOException cause) {
        super(cause.getMessage(), cause);
    }
}
