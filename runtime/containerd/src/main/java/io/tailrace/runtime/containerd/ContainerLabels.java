package io.tailrace.runtime.containerd;

import io.tailrace.runtime.spi.ContainerSpec;
import io.tailrace.runtime.spi.ContainerSpec.NetworkMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * What a later server has to know of a container and does not find in its OCI specification, kept as labels of the
 * containerd container, beside the user's own.
 *
 * @param dataDirectory of the server that made it: two servers may share a containerd
 */
record ContainerLabels(Path dataDirectory, NetworkMode network, boolean hasStdin, boolean hasTerminal) {
    /** Marks what is Tailrace's, by the data directory of the server that made it. */
    static final String DATA_DIRECTORY = "io.tailrace.data-directory";

    private static final String OWN_PREFIX = "io.tailrace.";
    private static final String CONTAINERD_PREFIX = "containerd.io/";
    private static final String NETWORK = OWN_PREFIX + "network";
    private static final String STDIN = OWN_PREFIX + "stdin";
    private static final String TERMINAL = OWN_PREFIX + "terminal";
    /** containerd refuses a label whose key and value are longer together. */
    private static final int BYTES_MAX = 4096;

    static ContainerLabels of(ContainerSpec spec, Path dataDirectory) {
        return new ContainerLabels(
                dataDirectory,
                spec.network(),
                spec.process().hasStdin(),
                spec.process().terminal() != null);
    }

    static ContainerLabels parse(Map<String, String> labels) {
        return new ContainerLabels(
                Path.of(labels.getOrDefault(DATA_DIRECTORY, "")),
                NetworkMode.valueOf(labels.getOrDefault(NETWORK, NetworkMode.NONE.name())),
                Boolean.parseBoolean(labels.get(STDIN)),
                Boolean.parseBoolean(labels.get(TERMINAL)));
    }

    /** All labels: these, and the user's as far as containerd takes them. */
    Map<String, String> with(Map<String, String> users) {
        Map<String, String> labels = new HashMap<>();
        users.forEach((key, value) -> {
            if (!key.startsWith(OWN_PREFIX)
                    && !key.startsWith(CONTAINERD_PREFIX)
                    && (key + value).getBytes(StandardCharsets.UTF_8).length <= BYTES_MAX) {
                labels.put(key, value);
            }
        });
        labels.put(DATA_DIRECTORY, dataDirectory.toString());
        labels.put(NETWORK, network.name());
        labels.put(STDIN, Boolean.toString(hasStdin));
        labels.put(TERMINAL, Boolean.toString(hasTerminal));
        return labels;
    }
}
