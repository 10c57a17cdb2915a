package io.tailrace.engine;

import io.tailrace.log.Timeline;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.Listener;
import io.tailrace.runtime.spi.RuntimeContainer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A connection that the server makes to what listens in the container, in whichever network that is: whether it is taken, and
 * with HTTP, whether a request is answered well. It has a thread of its own, which ends when the connection is closed.
 */
final class ConnectionProbe implements Probe {
    private static final Pattern STATUS_LINE = Pattern.compile("HTTP/\\d(?:\\.\\d)? (\\d{3})\\b.*", Pattern.DOTALL);
    private static final int STATUS_MIN = 200;
    private static final int STATUS_END = 400;

    private final Time time;
    private final Background background;
    private final Listener listener;
    private final String request;
    private final Duration timeout;

    private ConnectionProbe(Time time, Background background, Listener listener, String request, Duration timeout) {
        this.time = time;
        this.background = background;
        this.listener = listener;
        this.request = request;
        this.timeout = timeout;
    }

    static ConnectionProbe tcp(Time time, Background background, String port, Duration timeout) {
        return new ConnectionProbe(time, background, new Listener.Port(Integer.parseInt(port)), "", timeout);
    }

    static ConnectionProbe socket(Time time, Background background, String path, Duration timeout) {
        return new ConnectionProbe(time, background, new Listener.Socket(path), "", timeout);
    }

    /** @param target a port with a path, or without */
    static ConnectionProbe http(Time time, Background background, String target, Duration timeout) {
        int slash = target.indexOf('/');
        String port = slash < 0 ? target : target.substring(0, slash);
        String request =
                "GET %s HTTP/1.1\r\nHost: localhost:%s\r\nUser-Agent: tailrace\r\nAccept: */*\r\nConnection: close\r\n\r\n"
                        .formatted(slash < 0 ? "/" : target.substring(slash), port);
        return new ConnectionProbe(time, background, new Listener.Port(Integer.parseInt(port)), request, timeout);
    }

    @Override
    public Optional<ProbeResult> run(RuntimeContainer container, CompletableFuture<?> isOver)
            throws InterruptedException {
        CompletableFuture<Optional<ProbeResult>> found = new CompletableFuture<>();
        CompletableFuture<Void> done = new CompletableFuture<>();
        background.run("a health probe", () -> found.complete(ask(container, done)));
        try {
            boolean isInTime = time.await(CompletableFuture.anyOf(found, isOver), timeout);
            return found.isDone() || isInTime
                    ? found.getNow(Optional.empty())
                    : Optional.of(ProbeResult.failed("no answer within " + timeout));
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } finally {
            done.complete(null);
        }
    }

    /** @param done completed when nobody waits any more: the connection is closed then */
    private Optional<ProbeResult> ask(RuntimeContainer container, CompletableFuture<Void> done) {
        try (ByteChannel channel = container.connect(listener, timeout)) {
            var _ = done.whenComplete((_, _) -> close(channel));
            return Optional.of(request.isEmpty() ? ProbeResult.of(0, "connected") : answer(channel));
        } catch (IOException e) {
            return Optional.of(ProbeResult.of(1, "%s: %s".formatted(listener, e.getMessage())));
        } catch (ContainerRuntimeException e) {
            return CommandProbe.unrun(e);
        }
    }

    private static void close(ByteChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            // Whoever reads from it hears of it.
        }
    }

    /** Reads until the status is known. */
    private ProbeResult answer(ByteChannel channel) throws IOException {
        ByteBuffer outgoing = ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII));
        while (outgoing.hasRemaining()) {
            var _ = channel.write(outgoing);
        }
        ByteBuffer answer = ByteBuffer.allocate(Timeline.HEALTH_OUTPUT_BYTES_MAX);
        String text = "";
        while (text.indexOf('\n') < 0 && answer.hasRemaining() && channel.read(answer) >= 0) {
            text = StandardCharsets.ISO_8859_1.decode(answer.duplicate().flip()).toString();
        }
        @Nullable Integer status = status(text);
        if (status == null) {
            return ProbeResult.of(1, "no HTTP answer: " + Checks.shown(text.strip()));
        }
        return new ProbeResult(status >= STATUS_MIN && status < STATUS_END ? 0 : 1, answer.flip());
    }

    private static @Nullable Integer status(String text) {
        Matcher line = STATUS_LINE.matcher(text);
        return line.matches() ? Integer.valueOf(line.group(1)) : null;
    }
}
