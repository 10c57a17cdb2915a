package io.tailrace.runtime.docker;

import com.fasterxml.jackson.databind.JsonNode;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ProcessEntry;
import io.tailrace.runtime.spi.RuntimeContainer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/** Reads the processes of a container out of what the engine's {@code ps} wrote. */
final class ContainerProcesses {
    /** In this order; of these only the last may have spaces. Times are in seconds, memory in KiB. */
    private static final String COLUMNS = "-e -o pid,ppid,uid,etimes,cputimes,rss,args";

    private static final int PID = 0;
    private static final int PARENT = 1;
    private static final int USER = 2;
    private static final int ELAPSED_SECONDS = 3;
    private static final int CPU_SECONDS = 4;
    private static final int MEMORY_KIB = 5;
    private static final int ARGUMENTS = 6;

    private ContainerProcesses() {}

    static String path() {
        return "/top?ps_args=" + EngineClient.encoded(COLUMNS);
    }

    /** @param top the engine's answer. @throws ContainerRuntimeException RESOURCE_EXHAUSTED, UNSUPPORTED for another ps */
    static List<ProcessEntry> of(JsonNode top, Place place) {
        JsonNode rows = top.path("Processes");
        if (rows.size() > RuntimeContainer.PROCESSES_MAX) {
            throw new ContainerRuntimeException(
                    Code.RESOURCE_EXHAUSTED,
                    "processes of %s: %d (expected: at most %d)"
                            .formatted(place, rows.size(), RuntimeContainer.PROCESSES_MAX));
        }
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        List<ProcessEntry> entries = new ArrayList<>();
        for (JsonNode row : rows) {
            entries.add(entry(row, now, place));
        }
        return entries;
    }

    private static ProcessEntry entry(JsonNode row, Instant now, Place place) {
        try {
            return new ProcessEntry(
                    number(row, PID),
                    number(row, PARENT),
                    Integer.parseUnsignedInt(row.path(USER).asText()),
                    now.minusSeconds(number(row, ELAPSED_SECONDS)),
                    number(row, CPU_SECONDS) * 1_000_000_000,
                    number(row, MEMORY_KIB) << 10,
                    List.of(row.path(ARGUMENTS).asText()));
        } catch (NumberFormatException e) {
            throw new ContainerRuntimeException(
                    Code.UNSUPPORTED,
                    "processes of %s: %s (expected: the columns of procps' ps on the engine's machine)"
                            .formatted(place, row),
                    e);
        }
    }

    private static long number(JsonNode row, int column) {
        return Long.parseLong(row.path(column).asText());
    }
}
