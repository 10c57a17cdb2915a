package io.tailrace.engine;

import io.tailrace.log.Disk;
import io.tailrace.log.Timeline;
import io.tailrace.log.TimelineConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes journals, and opens those that are in the data directory. */
final class Journals {
    private static final Logger log = LoggerFactory.getLogger(Journals.class);
    /** Room for the records of a life's end, its removal, and what was dropped, some pauses and resumes beside. */
    private static final long RESERVE_BYTES = 32 << 10;

    private Journals() {}

    /**
     * A new timeline, with nothing in it.
     *
     * @param execId empty for the container's own
     * @param timelineBytesMax that the container asks for; 0: as the engine is configured
     */
    static Journal create(EngineContext context, String containerId, String execId, long timelineBytesMax) {
        CurrentFold fold = new CurrentFold();
        Path directory = directory(context, containerId, execId);
        boolean isNew = !Files.exists(directory.getParent());
        try {
            context.data().makeTimeline(directory);
            Timeline timeline = Timeline.create(directory, config(context, fold, timelineBytesMax));
            return new Journal(context, containerId, execId, fold, timeline);
        } catch (IOException e) {
            EngineException failure = TimelineFailure.inWriting(e);
            if (isNew) {
                context.data().deleteAfter(failure, containerId, execId);
            }
            throw failure;
        }
    }

    /** A timeline that is there, and its fold. @param timelineBytesMax as for {@link #create} */
    static Journal open(EngineContext context, String containerId, String execId, long timelineBytesMax) {
        CurrentFold fold = new CurrentFold();
        Path directory = directory(context, containerId, execId);
        try {
            // Its making may have been cut short before there was one: then it is as one without records.
            Disk.makeDirectories(directory, false);
            Timeline timeline = Timeline.open(directory, config(context, fold, timelineBytesMax));
            Journal journal = new Journal(context, containerId, execId, fold, timeline);
            try {
                refold(journal.timelineId(), timeline, fold);
                String own = fold.current.made().get(LifecycleEntry.TIMELINE_BYTES);
                if (own != null && Long.parseLong(own) != timelineBytesMax) {
                    // Only now it is known how much of it is to be kept.
                    journal.close();
                    return open(context, containerId, execId, Long.parseLong(own));
                }
                journal.opened();
                return journal;
            } catch (IOException | RuntimeException | Error e) {
                journal.closeAfter(e);
                throw e;
            }
        } catch (IOException e) {
            throw TimelineFailure.inWriting(e);
        }
    }

    private static void refold(String timelineId, Timeline timeline, CurrentFold fold) throws IOException {
        String recovered = timeline.recovery().detail();
        if (!recovered.isEmpty()) {
            log.warn("{}: recovered: {}", timelineId, recovered);
        }
        byte[] checkpoint = timeline.checkpoint();
        fold.current = checkpoint.length == 0 ? Fold.EMPTY : Fold.read(checkpoint);
        timeline.forEachNonOutput(timeline.checkpointSequence(), record -> fold.current = fold.current.apply(record));
    }

    /** Whether its making was cut short. @throws EngineException INTERNAL if it has no begin because it is damaged */
    static boolean isUnmade(Journal journal) {
        Timeline timeline = journal.timeline();
        if (journal.fold().isMade()) {
            return false;
        }
        String detail = timeline.recovery().detail();
        if (timeline.recovery().isDamaged()) {
            throw new EngineException(ErrorCode.INTERNAL, "it is damaged: " + detail);
        }
        if (timeline.lastSequence() > 0 || timeline.isGapDue()) {
            // Found by an earlier server, or by an earlier try of this one.
            throw new EngineException(ErrorCode.INTERNAL, "it is damaged: the record of its making is gone " + detail);
        }
        return true;
    }

    private static Path directory(EngineContext context, String containerId, String execId) {
        return execId.isEmpty()
                ? context.data().containerTimeline(containerId)
                : context.data().execTimeline(containerId, execId);
    }

    private static TimelineConfig config(EngineContext context, CurrentFold fold, long timelineBytesMax) {
        EngineConfig config = context.config();
        TimelineSize size = TimelineSize.of(config, timelineBytesMax);
        return new TimelineConfig(
                size.segmentBytesMax(),
                size.bytesMax(),
                Duration.ZERO,
                RESERVE_BYTES,
                config.fsync(),
                context.clock(),
                () -> Json.writeBytes(fold.current));
    }

    /** Where the timeline finds the fold when it asks for a checkpoint. Written under the journal's lock. */
    static final class CurrentFold {
        volatile Fold current = Fold.EMPTY;
    }
}
