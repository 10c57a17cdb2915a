package io.tailrace.client;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What a server is and how it is.
 *
 * @param runtimeEndpoint where the runtime is reached
 * @param capabilities the runtime's optional abilities
 * @param dataDirectory on the server's host
 * @param problems what is wrong now, for people; empty if all is well
 * @param retention how long timelines of removed containers stay
 */
public record ServerInfo(
        String version,
        Instant startedAt,
        String runtime,
        String runtimeVersion,
        String runtimeEndpoint,
        List<String> capabilities,
        String dataDirectory,
        int containers,
        int containersRunning,
        List<String> problems,
        Duration retention) {}
