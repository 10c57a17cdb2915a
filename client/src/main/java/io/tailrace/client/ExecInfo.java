package io.tailrace.client;

import java.util.List;

/**
 * What the server says about an exec; a snapshot.
 *
 * @param id unique in its container
 * @param containerId the container it runs in
 */
public record ExecInfo(String id, String containerId, List<String> command, ProcessStatus status) {}
