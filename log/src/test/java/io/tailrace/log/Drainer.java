package io.tailrace.log;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A process that moves bytes from a FIFO into a timeline until it is killed. */
final class Drainer {
    private static final Duration WAIT = Duration.ofMillis(100);

    private Drainer() {}

    /** @param args directory of the timeline, FIFO */
    public static void main(String[] args) throws Exception {
        var directory = Path.of(args[0]);
        try (var timeline = Files.exists(directory)
                        ? Timeline.open(directory, Configs.withSmallSegments())
                        : Timeline.create(directory, Configs.withSmallSegments());
                var pipe = OutputPipe.open(Path.of(args[1]));
                var poller = OutputPipe.Poller.open()) {
            System.out.println("ready " + timeline.recovery());
            while (true) {
                if (timeline.appendFrom(StdStream.STDOUT, pipe) <= 0) {
                    poller.await(List.of(pipe), WAIT);
                }
            }
        }
    }
}
