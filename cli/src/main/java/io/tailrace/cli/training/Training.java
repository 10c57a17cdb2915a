package io.tailrace.cli.training;

import io.tailrace.cli.Main;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A server as {@code tailrace server} runs it, on a containerd that is none, for the JVM to record what a server loads.
 * Told where: a directory that is its own. There it listens on {@code tailrace.sock}, and once it has answered over HTTP it
 * makes the file {@code ready}. Ends at a signal, or by itself when its time is up.
 */
public final class Training {
    private static final long LIFE_SECONDS = 120;
    private static final long POLL_MILLIS = 20;
    private static final int ANSWER_BYTES_MAX = 64 << 10;
    private static final List<String> PATHS = List.of("/health/ready", "/v1/info", "/v1/containers", "/metrics");

    private Training() {}

    /** Runs the server. @param arguments the directory */
    public static void main(String[] arguments) throws IOException {
        Path directory = Path.of(arguments[0]);
        var containerd = TrainingContainerd.start(directory);
        Thread.ofPlatform().daemon().name("time-limit").start(Training::endInTime);
        Thread.ofPlatform().daemon().name("requests").start(() -> ask(directory));
        Runtime.getRuntime().addShutdownHook(new Thread(containerd::close, "containerd"));
        Main.main(new String[] {
            "server",
            "--listen",
            "127.0.0.1:0",
            "--socket",
            directory.resolve("tailrace.sock").toString(),
            "--data",
            directory.resolve("data").toString(),
            "--containerd",
            containerd.socket().toString()
        });
    }

    private static void endInTime() {
        try {
            TimeUnit.SECONDS.sleep(LIFE_SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().exit(1);
    }

    private static void ask(Path directory) {
        try {
            Path socket = directory.resolve("tailrace.sock");
            while (!Files.exists(socket)) {
                Thread.sleep(POLL_MILLIS);
            }
            for (String path : PATHS) {
                get(socket, path);
            }
            Files.writeString(directory.resolve("ready"), "ready\n");
        } catch (IOException e) {
            System.err.println("training: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void get(Path socket, String path) throws IOException {
        var request = "GET %s HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n".formatted(path);
        var answer = ByteBuffer.allocate(ANSWER_BYTES_MAX);
        try (var channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
            while (answer.hasRemaining() && channel.read(answer) >= 0) {
                // What it says does not matter.
            }
        }
    }
}
