package io.tailrace.server;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tailrace.engine.Container;
import io.tailrace.engine.ContainerState;
import io.tailrace.engine.Engine;
import io.tailrace.engine.Resource;
import io.tailrace.log.StdStream;
import io.tailrace.server.stream.Streams;

/** What can be measured of a server; read when somebody asks, so that it costs nothing before. */
final class Metrics {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    Metrics(Engine engine, Streams streams) {
        for (ContainerState state : ContainerState.values()) {
            Gauge.builder("tailrace.containers", engine, source -> count(source, state))
                    .description("Containers by state")
                    .tag("state", state.word())
                    .register(registry);
        }
        for (StdStream stream : StdStream.values()) {
            Gauge.builder("tailrace.recorded", engine, source -> recordedBytes(source, stream))
                    .description("Output in the timelines of the containers there are")
                    .baseUnit("bytes")
                    .tag("stream", stream.name().toLowerCase(java.util.Locale.ROOT))
                    .register(registry);
        }
        Gauge.builder("tailrace.problems", engine, source -> source.problems().size())
                .description("Timelines with something wrong: output that waits or is dropped, not adopted")
                .register(registry);
        for (Resource resource : Resource.values()) {
            Gauge.builder("tailrace.alerts", engine, source -> alerts(source, resource))
                    .description("Containers that use more of a resource than the thresholds say")
                    .tag("resource", resource.word())
                    .register(registry);
        }
        Gauge.builder("tailrace.streams", streams, Streams::size)
                .description("Streams being served")
                .register(registry);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
    }

    MeterRegistry registry() {
        return registry;
    }

    PrometheusRegistry prometheus() {
        return registry.getPrometheusRegistry();
    }

    private static double count(Engine engine, ContainerState state) {
        return engine.containers(true).stream()
                .filter(container -> container.status().state() == state)
                .count();
    }

    private static double alerts(Engine engine, Resource resource) {
        return engine.containers(false).stream()
                .filter(container -> container.alerts().contains(resource))
                .count();
    }

    private static double recordedBytes(Engine engine, StdStream stream) {
        double bytes = 0;
        for (Container container : engine.containers(true)) {
            bytes += container.process().streamLength(stream);
        }
        return bytes;
    }
}
