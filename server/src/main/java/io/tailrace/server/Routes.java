package io.tailrace.server;

import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.grpc.GrpcService;
import com.linecorp.armeria.server.grpc.HttpJsonTranscodingOptions;
import com.linecorp.armeria.server.healthcheck.HealthCheckService;
import com.linecorp.armeria.server.healthcheck.SettableHealthChecker;
import com.linecorp.armeria.server.prometheus.PrometheusExpositionService;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.tailrace.engine.Engine;
import io.tailrace.log.StdStream;
import io.tailrace.server.errors.GrpcErrors;
import io.tailrace.server.errors.HttpErrors;
import io.tailrace.server.exec.ExecService;
import io.tailrace.server.exec.SessionIds;
import io.tailrace.server.http.FeedEvents;
import io.tailrace.server.http.FileArchives;
import io.tailrace.server.http.RawOutput;
import io.tailrace.server.http.TimelineEvents;
import io.tailrace.server.stream.Streams;
import io.tailrace.server.v1.ContainersService;
import io.tailrace.server.v1.ExecsService;
import io.tailrace.server.v1.FilesService;
import io.tailrace.server.v1.ImagesService;
import io.tailrace.server.v1.NetworksService;
import io.tailrace.server.v1.SystemService;
import io.tailrace.server.v1.TimelinesService;
import io.tailrace.server.v1.VolumesService;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/** Which door is where. */
final class Routes {
    private static final String LIVE = "/health/live";
    private static final String READY = "/health/ready";
    private static final String HEALTH_GRPC = "/grpc.health.v1.Health/Check";

    /** What needs no token. */
    static final Set<String> OPEN = Set.of(LIVE, READY, HEALTH_GRPC);

    private Routes() {}

    /** Binds every door to its routes. */
    static void bind(
            ServerBuilder builder,
            ServerConfig config,
            Engine engine,
            Streams streams,
            SettableHealthChecker readiness,
            Metrics metrics) {
        builder.service(grpc(config, engine, streams), StreamedRequests::new)
                .service("/v1/feed", new FeedEvents(engine, streams))
                .service("/", IndexPage.service())
                .service(LIVE, HealthCheckService.of())
                .service(READY, HealthCheckService.of(readiness))
                .service("/metrics", PrometheusExpositionService.of(metrics.prometheus()))
                .serviceUnder("/docs", new DocumentationPages());
        builder.service("/v1/containers/{container}/archive", new FileArchives(engine, streams));
        for (String process : List.of("/v1/containers/{container}", "/v1/containers/{container}/execs/{exec}")) {
            builder.service(process + "/timeline", new TimelineEvents(engine, streams))
                    .service(process + "/stdout", new RawOutput(engine, streams, StdStream.STDOUT))
                    .service(process + "/stderr", new RawOutput(engine, streams, StdStream.STDERR));
        }
    }

    private static GrpcService grpc(ServerConfig config, Engine engine, Streams streams) {
        var transcoding = HttpJsonTranscodingOptions.builder()
                .errorHandler(HttpErrors.ofTranscodedCalls())
                .build();
        ServerConfig.Limits limits = config.limits();
        return GrpcService.builder()
                .addService(new ExecService(
                        engine, streams, sessionIds(config), limits.sessionsMax(), limits.sessionsPerContainerMax()))
                .addService(new ImagesService(engine, streams))
                .addService(new NetworksService(engine))
                .addService(new ContainersService(engine))
                .addService(new ExecsService(engine))
                .addService(new FilesService(engine, streams))
                .addService(new VolumesService(engine))
                .addService(new TimelinesService(engine, streams))
                .addService(new SystemService(engine, Version.current(), Instant.now()))
                .addService(ProtoReflectionServiceV1.newInstance())
                .enableHealthCheckService(true)
                .enableHttpJsonTranscoding(transcoding)
                .exceptionHandler(GrpcErrors.ofRequests())
                .jsonMarshallerFactory(service -> new JsonMessages())
                .maxRequestMessageLength(limits.requestBytesMax())
                .build();
    }

    private static SessionIds sessionIds(ServerConfig config) {
        Path keyFile = config.dataDirectory().resolve("session.key");
        try {
            return SessionIds.open(keyFile);
        } catch (IOException e) {
            throw new ConfigException("dataDirectory: %s: %s".formatted(keyFile, e), e);
        }
    }
}
