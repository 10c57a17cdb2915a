package io.tailrace.client;

import io.tailrace.api.v1.DiskUsageRequest;
import io.tailrace.api.v1.GetInfoRequest;
import io.tailrace.api.v1.GetThresholdsRequest;
import io.tailrace.api.v1.SetThresholdsRequest;
import io.tailrace.api.v1.SystemGrpc;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A client of one Tailrace server. Thread-safe; connects with the first call, and again whenever the connection was
 * lost.
 *
 * <pre>{@code
 * try (var tailrace = Tailrace.connect()) {
 *     var container = tailrace.containers().run("busybox", spec -> spec.command("echo", "hello"));
 *     try (var follow = container.follow()) {
 *         for (var record : follow) {
 *             if (record instanceof TimelineRecord.Output output) {
 *                 System.out.print(output.text());
 *             }
 *         }
 *     }
 * }
 * }</pre>
 *
 * <p>Every failure is a {@link TailraceException}.
 */
public final class Tailrace implements AutoCloseable {
    private final Connection connection;
    private final Containers containers;
    private final Images images;
    private final Volumes volumes;
    private final Networks networks;

    private Tailrace(Connection connection) {
        this.connection = connection;
        this.containers = new Containers(connection);
        this.images = new Images(connection);
        this.volumes = new Volumes(connection);
        this.networks = new Networks(connection);
    }

    /**
     * A client of the server that the environment names: {@code TAILRACE_HOST} (with {@code TAILRACE_TOKEN}), else the
     * context in use ({@link Contexts}), else the unix socket {@code /run/tailrace/tailrace.sock} (for root) or {@code
     * $XDG_RUNTIME_DIR/tailrace.sock} if there is one, else {@code http://127.0.0.1:8080}.
     */
    public static Tailrace connect() {
        return builder().build();
    }

    /** A client with settings of its own. */
    public static Builder builder() {
        return builder(System.getenv());
    }

    static Builder builder(Map<String, String> environment) {
        return new Builder(environment);
    }

    /**
     * Begins to connect, for a program that has something else to do before its first call. Does not wait; a failure is
     * that of the first call.
     */
    public void connectAhead() {
        connection.connectAhead();
    }

    /** Makes, finds and lists containers. */
    public Containers containers() {
        return containers;
    }

    /** The runtime's images. */
    public Images images() {
        return images;
    }

    /** Named volumes. */
    public Volumes volumes() {
        return volumes;
    }

    /** User-defined networks. */
    public Networks networks() {
        return networks;
    }

    /** The lifecycle records of all containers, from now on. Close it. */
    public Feed feed() {
        return feed(new FeedOptions());
    }

    /** The lifecycle records of all containers, or of one. Close it. */
    public Feed feed(FeedOptions options) {
        return new Feed(connection, options);
    }

    /** What the server is and how it is. */
    public ServerInfo info() {
        return Wire.serverInfo(connection.call(SystemGrpc.getGetInfoMethod(), GetInfoRequest.getDefaultInstance()));
    }

    /** The use above which containers have alerts. */
    public Thresholds thresholds() {
        return Thresholds.of(
                connection.call(SystemGrpc.getGetThresholdsMethod(), GetThresholdsRequest.getDefaultInstance()));
    }

    /** Changes those that are not null, until the server is started again. @return all, as they are then */
    public Thresholds setThresholds(Thresholds thresholds) {
        return Thresholds.of(connection.call(
                SystemGrpc.getSetThresholdsMethod(),
                SetThresholdsRequest.newBuilder()
                        .setThresholds(thresholds.message())
                        .build()));
    }

    /** What takes room on the server's disk; it is measured now, which may take a while. */
    public DiskUsage diskUsage() {
        return Wire.diskUsage(
                connection.call(SystemGrpc.getDiskUsageMethod(), DiskUsageRequest.getDefaultInstance(), null));
    }

    /** The address of the server, as {@link Builder#address} takes it. */
    public String address() {
        return connection.address();
    }

    /** Ends the connection and everything that was opened on it. */
    @Override
    public void close() {
        connection.close();
    }

    /** The settings of a client. Not thread-safe. */
    public static final class Builder {
        private static final Duration CALL_TIMEOUT = Duration.ofSeconds(30);

        private final Map<String, String> environment;
        private @Nullable String address;
        private @Nullable String context;
        private @Nullable String token;
        private Duration callTimeout = CALL_TIMEOUT;

        private Builder(Map<String, String> environment) {
            this.environment = environment;
        }

        /** {@code unix:///path}, {@code http://host:port} or {@code https://host:port}; by default as the environment says. */
        public Builder address(String address) {
            this.address = address;
            return this;
        }

        /**
         * The name of the {@linkplain Contexts context} whose server is meant, whatever the environment says; {@link
         * Contexts#DEFAULT} for the local one. Not beside an address.
         */
        public Builder context(String context) {
            this.context = context;
            return this;
        }

        /** The server's token; by default the context's, where the address is, or {@code TAILRACE_TOKEN}. */
        public Builder token(String token) {
            this.token = token;
            return this;
        }

        /** How long a call that does not wait for a container may take; by default 30 s. */
        public Builder callTimeout(Duration callTimeout) {
            if (!callTimeout.isPositive()) {
                throw new TailraceException(
                        ErrorCode.INVALID_ARGUMENT, "callTimeout: %s (expected: > 0)".formatted(callTimeout));
            }
            this.callTimeout = callTimeout;
            return this;
        }

        /** Whether something listens where the client would connect to: a probe of its own, at most 1 s. */
        public boolean isReachable() {
            return endpoint(context()).isReachable();
        }

        /** The unix socket that a server of this user listens on by default. */
        public static Path defaultSocket() {
            return Endpoint.defaultSocket(System.getenv());
        }

        /** Whether a server was named, by its address, {@code TAILRACE_HOST} or a context; else the local one is meant. */
        public boolean isServerNamed() {
            return address != null || isHostMeant() || context().isPresent();
        }

        /**
         * The client; it does not connect yet. INVALID_ARGUMENT for an address that is none and for a context beside one,
         * NOT_FOUND for a context that does not exist.
         */
        public Tailrace build() {
            var meant = context(); // once, so that no token goes to another one's server
            return new Tailrace(new Connection(endpoint(meant), secret(meant), callTimeout));
        }

        private Endpoint endpoint(Optional<Context> meant) {
            if (address != null && context != null) {
                throw new TailraceException(
                        ErrorCode.INVALID_ARGUMENT,
                        "context: \"%s\" beside the address %s (expected: one of them)".formatted(context, address));
            }
            if (address != null) {
                return Endpoint.parse(address);
            }
            return meant.map(named -> Endpoint.parse(named.address()))
                    .orElseGet(() -> context != null ? Endpoint.local(environment) : Endpoint.find(environment));
        }

        /** A context's token goes to no other server, and where it has one, no other token goes to its server. */
        private @Nullable String secret(Optional<Context> meant) {
            var secret = token;
            if (secret == null) {
                secret = meant.map(Context::token).orElse(environment.get("TAILRACE_TOKEN"));
            }
            return secret == null || secret.isBlank() ? null : secret.strip();
        }

        /** The context that says which server; empty where something else does. */
        private Optional<Context> context() {
            if (address != null || isHostMeant()) {
                return Optional.empty();
            }
            var contexts = Contexts.of(environment);
            if (context == null) {
                return contexts.current().map(contexts::get);
            }
            return context.equals(Contexts.DEFAULT) ? Optional.empty() : Optional.of(contexts.get(context));
        }

        /** Whether it is up to {@code TAILRACE_HOST}. */
        private boolean isHostMeant() {
            return context == null
                    && !environment.getOrDefault("TAILRACE_HOST", "").isBlank();
        }
    }
}
