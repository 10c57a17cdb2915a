package io.tailrace.cli;

import io.tailrace.client.TimelineRecord;
import java.io.IOException;

/** Shows records. One thread. */
interface RecordSink {
    void accept(TimelineRecord record) throws IOException;
}
