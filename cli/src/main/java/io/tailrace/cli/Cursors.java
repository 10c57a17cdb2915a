package io.tailrace.cli;

import io.tailrace.client.Container;
import io.tailrace.client.FollowOptions;

/** Places in a timeline. */
final class Cursors {
    private Cursors() {}

    /** The place behind the last record there is now; empty if there is none. */
    static String latest(Container container) {
        try (var follow = container.follow(new FollowOptions().last(1).until(FollowOptions.End.NOW))) {
            for (var record : follow) {
                if (record.cursor().isEmpty()) {
                    break;
                }
            }
            return follow.cursor();
        }
    }
}
