package io.tailrace.runtime.containerd;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.function.LongConsumer;

/** Blobs by digest: what images are made of. Thread-safe. */
interface ContentStore {
    /** Manifests and configurations are far smaller; OCI registries cap them at 4 MiB. */
    int JSON_BYTES_MAX = 4 << 20;

    /** Whether there is a blob. */
    boolean exists(String digest);

    /** Reads a small JSON blob. @throws StatusRuntimeException NOT_FOUND */
    JsonNode readJson(String digest);

    /**
     * Stores a blob whose digest is known; one that is there already is kept.
     *
     * @param progress told the bytes done so far
     */
    void write(
            String digest,
            InputStream source,
            long sizeBytes,
            Map<String, String> labels,
            String lease,
            LongConsumer progress)
            throws IOException;

    /** Stores a small blob. */
    default void write(String digest, byte[] bytes, Map<String, String> labels, String lease) throws IOException {
        write(digest, new ByteArrayInputStream(bytes), bytes.length, labels, lease, done -> {});
    }

    /** Parses what should be JSON of a sensible size. @throws ContainerRuntimeException INVALID_ARGUMENT */
    static JsonNode parse(String name, byte[] bytes) {
        if (bytes.length > JSON_BYTES_MAX) {
            throw new ContainerRuntimeException(
                    Code.INVALID_ARGUMENT,
                    "%s: %d bytes (expected: <= %d)".formatted(name, bytes.length, JSON_BYTES_MAX));
        }
        try {
            return new ObjectMapper().readTree(bytes);
        } catch (IOException failure) {
            throw new ContainerRuntimeException(Code.INVALID_ARGUMENT, "%s: not JSON".formatted(name), failure);
        }
    }
}
