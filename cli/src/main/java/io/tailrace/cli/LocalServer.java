package io.tailrace.cli;

import io.tailrace.client.ListOptions;
import io.tailrace.client.Tailrace;
import io.tailrace.client.TailraceException;
import io.tailrace.runtime.containerd.ContainerdWatch;
import io.tailrace.runtime.containerd.PrivateContainerd;
import io.tailrace.server.ConfigFile;
import io.tailrace.server.Logging;
import io.tailrace.server.ServerConfig;
import io.tailrace.server.TailraceServer;
import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A server inside this process, for a verb that needs one where none runs. It is reached by a unix socket in a directory
 * that only this user may enter, and by a free loopback port with a token that nobody else knows.
 */
final class LocalServer implements AutoCloseable {
    private static final int TOKEN_BYTES = 16;

    private final TailraceServer server;
    private final Path directory;
    private final String token;
    private final boolean isTemporary;
    private @Nullable ContainerdWatch shared;
    private boolean isClosed;

    private LocalServer(TailraceServer server, Path directory, String token, boolean isTemporary) {
        this.server = server;
        this.directory = directory;
        this.token = token;
        this.isTemporary = isTemporary;
    }

    /**
     * One with this user's usual data directory, so that what it leaves is there for the next server; where another
     * server has that, one of which nothing is left.
     */
    static LocalServer start() {
        var usual = config();
        // One after the other: the second of two then finds the first one's lock.
        try (var starting = StartTurn.await(usual.dataDirectory())) {
            return start(usual);
        }
    }

    private static LocalServer start(ServerConfig usual) {
        // Looked at first: a server that fails for the directory's lock would end the containerd of the one that has
        // it.
        if (!isInUse(usual.dataDirectory())) {
            return start(usual, Temporary.directory(), false);
        }
        var runtime = usual.runtime();
        var containerd = PrivateContainerd.of(usual.dataDirectory());
        if (runtime.name().equals("docker")
                || !runtime.socket().isEmpty()
                || !PrivateContainerd.isReachable(containerd.socket())) {
            return startTemporary(runtime);
        }
        // The images are in the other server's containerd, which that server ends when it ends: kept running until we
        // do.
        var server = startTemporary(
                runtime.withSocket("containerd", containerd.socket().toString()));
        server.shared = containerd.keepRunning();
        return server;
    }

    /** Whether a server holds the lock of a data directory. */
    private static boolean isInUse(Path dataDirectory) {
        var file = dataDirectory.resolve("lock");
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE);
                var lock = channel.tryLock()) {
            return lock == null;
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            throw new CliException("data directory: %s cannot be used: %s".formatted(dataDirectory, e.getMessage()));
        }
    }

    /** One whose data, containers and private containerd are gone when it is closed. */
    static LocalServer startTemporary() {
        return startTemporary(config().runtime());
    }

    private static LocalServer startTemporary(ServerConfig.RuntimeChoice runtime) {
        var directory = Temporary.directory();
        // Others' containers are not for one command to follow.
        var own = ServerConfig.defaults(directory.resolve("data")).withRuntime(runtime.withoutForeign());
        return start(own, directory, true);
    }

    private static ServerConfig config() {
        Logging.quieten();
        return ConfigFile.read(null, System.getenv());
    }

    private static LocalServer start(ServerConfig config, Path directory, boolean isTemporary) {
        var bytes = new byte[TOKEN_BYTES];
        new SecureRandom().nextBytes(bytes);
        var token = HexFormat.of().formatHex(bytes);
        var socket = directory.resolve("tailrace.sock").toString();
        try {
            var server = TailraceServer.start(config.withListen(new ServerConfig.Listen("127.0.0.1", 0, -1, socket))
                    .withAccess(ServerConfig.Access.ofItsUser(token)));
            return new LocalServer(server, directory, token, isTemporary);
        } catch (RuntimeException e) {
            Temporary.delete(directory);
            throw new CliException(
                    "a server cannot be started here: " + e.getMessage(), "'tailrace doctor' checks what it needs");
        }
    }

    /** A client of it, by its unix socket. */
    Tailrace connect() {
        return Tailrace.builder().address(address()).build();
    }

    /** Its unix socket, as {@code --host} takes it. */
    String address() {
        return "unix://" + directory.resolve("tailrace.sock");
    }

    /** Where it is reached over TCP. */
    URI httpUri() {
        return server.httpUri();
    }

    /** What to send there: {@code authorization: Bearer TOKEN}. */
    String token() {
        return token;
    }

    /** Stops it. Again: nothing. */
    @Override
    public synchronized void close() {
        if (isClosed) {
            return;
        }
        isClosed = true;
        try {
            if (isTemporary) {
                removeContainers();
            }
            server.close();
            if (isTemporary) {
                PrivateContainerd.of(directory.resolve("data")).stop();
            }
        } finally {
            try {
                if (shared != null) {
                    shared.endIdleContainerd();
                }
            } finally {
                Temporary.delete(directory);
            }
        }
    }

    private void removeContainers() {
        try (var tailrace = connect()) {
            for (var container : tailrace.containers().list(ListOptions.all())) {
                tailrace.containers().get(container.id()).remove(true);
            }
        } catch (TailraceException e) {
            // Closing goes on: what is left of them is in the runtime, under its names.
            System.err.println("tailrace: a container could not be removed: " + e.getMessage());
        }
    }
}
