package io.tailrace.runtime.containerd;

import io.grpc.StatusRuntimeException;
import io.tailrace.runtime.containerd.proto.leases.CreateRequest;
import io.tailrace.runtime.containerd.proto.leases.DeleteRequest;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A containerd lease: what is made with it is not collected until it is closed, or expires if its owner died. */
final class Lease implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(Lease.class);
    private static final Duration LIFE_MAX = Duration.ofHours(2);

    private final Containerd containerd;
    private final String id = "tailrace-" + UUID.randomUUID();

    Lease(Containerd containerd) {
        this.containerd = containerd;
        containerd
                .leases()
                .create(CreateRequest.newBuilder()
                        .setId(id)
                        .putLabels(
                                "containerd.io/gc.expire",
                                Instant.now()
                                        .plus(LIFE_MAX)
                                        .truncatedTo(ChronoUnit.SECONDS)
                                        .toString())
                        .build());
    }

    String id() {
        return id;
    }

    @Override
    public void close() {
        try {
            containerd.leases().delete(DeleteRequest.newBuilder().setId(id).build());
        } catch (StatusRuntimeException failure) {
            LOGGER.warn("lease {} stays until it expires: {}", id, Failures.description(failure));
        }
    }
}
