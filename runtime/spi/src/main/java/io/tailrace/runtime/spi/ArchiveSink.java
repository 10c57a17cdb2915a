package io.tailrace.runtime.spi;

import java.io.IOException;
import java.io.OutputStream;

/** Takes the tar of a path. What it throws ends the copy and reaches whoever asked for it. */
@FunctionalInterface
public interface ArchiveSink {
    /** Called once, before the first byte. @return where the bytes go; it may block, and is flushed but not closed */
    OutputStream begin(PathStatus status) throws IOException;
}
