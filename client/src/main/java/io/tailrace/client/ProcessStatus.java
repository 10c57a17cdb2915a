package io.tailrace.client;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Where a process stands; a snapshot.
 *
 * @param pid its process id on the server's host; 0 if it does not run
 * @param startedAt when its latest run began; null if it never ran
 * @param finishedAt when its latest run ended; null while it runs
 * @param exit how its latest run ended; null if it has not
 * @param stdoutLength bytes of stdout recorded so far
 * @param stderrLength bytes of stderr recorded so far
 * @param problem what is wrong with it now, for people, such as output that waits for a full disk; empty if nothing is
 * @param restarts how often its restart policy has started it since a client did, a restart that is due included
 */
public record ProcessStatus(
        ContainerState state,
        long pid,
        Instant createdAt,
        @Nullable Instant startedAt,
        @Nullable Instant finishedAt,
        @Nullable ExitStatus exit,
        long stdoutLength,
        long stderrLength,
        String problem,
        long restarts) {}
