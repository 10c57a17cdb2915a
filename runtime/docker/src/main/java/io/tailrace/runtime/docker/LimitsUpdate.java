package io.tailrace.runtime.docker;

import com.fasterxml.jackson.databind.JsonNode;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ContainerSpec.Limits;
import java.util.LinkedHashMap;
import java.util.Map;

/** Changes the limits of a container, or nothing. @param view the container before it */
record LimitsUpdate(EngineClient client, Place place, ContainerView view) {
    private static final long UNLIMITED = -1;
    private static final long CPU_SHARES_DEFAULT = 1_024;

    /** For the kernel none, and for engines before Docker 25 a limit: the largest in whole pages. */
    private static final long MEMORY_BYTES_MAX = Long.MAX_VALUE - 4_095;

    void to(Limits limits) {
        Answer answer = send(limits);
        if (!answer.isDone()) {
            ContainerRuntimeException refused = refused(answer, limits);
            restore(refused);
            throw refused;
        }
    }

    private Answer send(Limits limits) {
        return client.post(place.path("/update"), request(limits), EngineClient.LONG);
    }

    /** For the engine 0, and an empty text, mean that nothing changes. */
    private Map<String, Object> request(Limits limits) {
        Map<String, Object> request = new LinkedHashMap<>(HostConfig.limits(limits));
        request.replaceAll((name, value) -> value.equals(0L) ? UNLIMITED : value);
        request.put("CpuPeriod", HostConfig.CPU_PERIOD_MICROS);
        request.put("CpuShares", limits.cpuShares() == 0 ? CPU_SHARES_DEFAULT : limits.cpuShares());
        if (limits.memoryBytes() == 0) {
            boolean hasLimit = present().path("Memory").asLong() != 0;
            request.put("Memory", hasLimit ? MEMORY_BYTES_MAX : 0);
            request.put("MemorySwap", hasLimit ? MEMORY_BYTES_MAX : 0);
        } else {
            request.put("MemorySwap", swapBytes(limits));
        }
        boolean isUnbound = limits.cpus().isEmpty()
                && !present().path("CpusetCpus").asText().isEmpty();
        request.put("CpusetCpus", isUnbound ? allProcessors() : limits.cpus());
        return request;
    }

    /** Engines before Docker 25 do not hand an unlimited one on. */
    private static long swapBytes(Limits limits) {
        long wanted = limits.memorySwapBytes();
        return wanted == 0 ? 2 * limits.memoryBytes() : wanted == UNLIMITED ? MEMORY_BYTES_MAX : wanted;
    }

    private JsonNode present() {
        return view.spec().path("HostConfig");
    }

    private String allProcessors() {
        int count = client.get("/info")
                .json("ask for the engine's processors")
                .path("NCPU")
                .asInt(1);
        return count == 1 ? "0" : "0-" + (count - 1);
    }

    private ContainerRuntimeException refused(Answer answer, Limits limits) {
        String words = answer.message();
        if (words.contains("device or resource busy") || words.contains("unable to set memory limit")) {
            return new ContainerRuntimeException(
                    Code.FAILED_PRECONDITION,
                    "memory: %d (expected: at least what %s uses now)".formatted(limits.memoryBytes(), place));
        }
        if (words.contains("CPUs are not available") || words.contains("cpuset")) {
            return new ContainerRuntimeException(
                    Code.INVALID_ARGUMENT, "cpus: %s (expected: processors that are there)".formatted(limits.cpus()));
        }
        if (words.contains("invalid argument")) {
            return new ContainerRuntimeException(Code.INVALID_ARGUMENT, "limits of %s: %s".formatted(place, words));
        }
        return answer.failure("update " + place);
    }

    /** The engine forgets what was refused; runc leaves what it had changed before the kernel refused the rest. */
    private void restore(ContainerRuntimeException refused) {
        if (!view.isUp()) {
            return;
        }
        JsonNode before = present();
        Answer answer = send(new Limits(
                before.path("Memory").asLong(),
                before.path("MemorySwap").asLong(),
                HostConfig.cpuNanos(before.path("CpuQuota").asLong()),
                before.path("CpuShares").asLong(),
                before.path("CpusetCpus").asText(),
                Math.max(0, before.path("PidsLimit").asLong())));
        if (!answer.isDone()) {
            refused.addSuppressed(answer.failure("restore the limits of " + place));
        }
    }
}
