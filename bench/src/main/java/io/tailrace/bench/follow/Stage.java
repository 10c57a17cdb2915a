package io.tailrace.bench.follow;

import java.io.IOException;
import java.nio.ByteBuffer;

/** One layer of what a connection carries: takes bytes as they come, cut anywhere. One thread. */
interface Stage {
    /** Takes all bytes of a buffer. */
    void accept(ByteBuffer bytes) throws IOException;

    /** Is told that the connection has ended. Fails if more was to come. */
    void end() throws IOException;
}
