package io.tailrace.cli;

import io.tailrace.client.Container;
import io.tailrace.client.ContainerSpec;
import io.tailrace.client.ErrorCode;
import io.tailrace.client.Tailrace;
import io.tailrace.client.TailraceException;

/** Makes a container, fetching its image first where that is missing or wanted anew. */
final class ImageArrival {
    /** When to fetch. */
    enum Pull {
        MISSING,
        ALWAYS,
        NEVER
    }

    private final Tailrace tailrace;
    private final StandardStreams streams;
    private final Pull pull;
    private final boolean isQuiet;

    ImageArrival(Tailrace tailrace, StandardStreams streams, Pull pull, boolean isQuiet) {
        this.tailrace = tailrace;
        this.streams = streams;
        this.pull = pull;
        this.isQuiet = isQuiet;
    }

    Container make(String image, ContainerSpec spec, boolean isStarted) {
        if (pull == Pull.ALWAYS) {
            fetch(image);
        }
        try {
            return isStarted
                    ? tailrace.containers().run(spec)
                    : tailrace.containers().create(spec);
        } catch (TailraceException e) {
            boolean isImageMissing = e.code() == ErrorCode.NOT_FOUND
                    && String.valueOf(e.getMessage()).startsWith("image:");
            if (!isImageMissing || pull != Pull.MISSING) {
                throw e;
            }
            // It is here if somebody else has fetched it since.
            if (!isHere(image)) {
                if (!isQuiet) {
                    streams.say("image %s is not here: pulling it".formatted(image));
                }
                fetch(image);
            }
            return isStarted
                    ? tailrace.containers().run(spec)
                    : tailrace.containers().create(spec);
        }
    }

    private boolean isHere(String image) {
        try {
            tailrace.images().get(image);
            return true;
        } catch (TailraceException e) {
            return false;
        }
    }

    private void fetch(String image) {
        try (var progress = new ProgressDisplay(streams, isQuiet)) {
            tailrace.images().pull(image, progress);
        } catch (TailraceException e) {
            throw new CliException(
                    "image %s is not here and cannot be pulled: %s".formatted(image, e.getMessage()),
                    "import one with 'tailrace image import FILE', or make one with 'tailrace image busybox'");
        }
    }
}
