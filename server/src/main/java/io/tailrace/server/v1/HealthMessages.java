package io.tailrace.server.v1;

import io.tailrace.api.v1.CrashReport;
import io.tailrace.api.v1.HealthCheck;
import io.tailrace.api.v1.HealthResult;
import io.tailrace.api.v1.HealthStatus;
import io.tailrace.log.TimelineRecord;

/** Health checks, what they found, and crashes as messages. */
final class HealthMessages {
    private HealthMessages() {}

    static HealthCheck of(io.tailrace.runtime.spi.HealthCheck check) {
        var message = HealthCheck.newBuilder().addAllTest(check.test()).setRetries(check.retries());
        var interval = check.interval();
        if (interval != null) {
            message.setInterval(Times.of(interval));
        }
        var timeout = check.timeout();
        if (timeout != null) {
            message.setTimeout(Times.of(timeout));
        }
        var startPeriod = check.startPeriod();
        if (startPeriod != null) {
            message.setStartPeriod(Times.of(startPeriod));
        }
        var startInterval = check.startInterval();
        if (startInterval != null) {
            message.setStartInterval(Times.of(startInterval));
        }
        return message.build();
    }

    static HealthStatus of(io.tailrace.engine.HealthStatus health) {
        return HealthStatus.newBuilder()
                .setStatus(health.status().word())
                .setFailingStreak(health.failingStreak())
                .addAllResults(health.results().stream().map(HealthMessages::of).toList())
                .build();
    }

    private static HealthResult of(TimelineRecord.Health result) {
        return HealthResult.newBuilder()
                .setStartedAt(Times.ofNanos(result.timestampNanos() - result.durationNanos()))
                .setFinishedAt(Times.ofNanos(result.timestampNanos()))
                .setExitCode(result.exitCode())
                .setOutput(Records.bytes(result.output()))
                .build();
    }

    static CrashReport of(io.tailrace.engine.CrashReport crash) {
        var message = CrashReport.newBuilder().setExit(Records.of(crash.exit()));
        for (var line : crash.lines()) {
            message.addLinesBuilder().setStream(Records.of(line.stream())).setData(Records.bytes(line.data()));
        }
        return message.build();
    }
}
