package io.tailrace.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.api.v1.Record;
import io.tailrace.client.Container;
import io.tailrace.client.ContainerProcess;
import io.tailrace.client.ExitStatus;
import io.tailrace.client.Follow;
import io.tailrace.client.FollowOptions;
import io.tailrace.client.StandardStream;
import io.tailrace.client.Tailrace;
import io.tailrace.client.TimelineRecord;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Followers of counted writers by every door that resumes: whenever a connection breaks, each goes on behind what it has
 * by the cursor or offset of its door, until the end. Each has a thread of its own.
 */
final class Followers implements AutoCloseable {
    private static final int RETRY_MILLIS = 100;
    /** A busy machine may need minutes for several servers that are killed before they are ready. */
    private static final Duration BREAK_LIMIT = Duration.ofMinutes(10);

    private final TailraceServerProcess server;
    private final Duration limit;
    private final Http http;
    private final Tailrace client;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /** @param limit of all following, after which it fails */
    Followers(TailraceServerProcess server, Duration limit) {
        this.server = server;
        this.limit = limit;
        http = new Http(server);
        client = server.client();
    }

    /** How followers by each door saw one container end. */
    record Ends(CountedWriter writer, String container, Map<String, Future<CountedOutput>> outputs) {}

    /** Follows a container by every door. */
    Ends follow(CountedWriter writer, String container) {
        Map<String, Future<CountedOutput>> outputs = new LinkedHashMap<>();
        // Looked up now, while there is a server to ask.
        Container seen = client.containers().get(container);
        outputs.put("Java client", threads.submit(() -> byClient(writer, seen)));
        outputs.put("events", threads.submit(() -> byEvents(writer, container)));
        outputs.put("raw bytes", threads.submit(() -> byRawBytes(writer, container)));
        return new Ends(writer, container, outputs);
    }

    private static CountedOutput byClient(CountedWriter writer, Container container) {
        CountedOutput output = new CountedOutput(writer);
        ExitStatus exit = byClient(container, output);
        assertThat(exit.exitCode())
                .as("exit code of %s: 90 and 91 are failed writes: %s", writer.name(), exit)
                .isZero();
        return output;
    }

    /** Follows one process, over breaks as long as a test may take. @return its end, whose lengths and checksums are those of what came */
    static ExitStatus byClient(ContainerProcess process, CountedOutput output) {
        long sequence = 0;
        try (Follow follow = process.follow(new FollowOptions().reconnectTimeout(BREAK_LIMIT))) {
            for (TimelineRecord record : follow) {
                assertThat(record.sequence()).as("sequence").isEqualTo(++sequence);
                switch (record) {
                    case TimelineRecord.Output bytes ->
                        output.add(bytes.stream() == StandardStream.STDOUT, bytes.data());
                    case TimelineRecord.Exit exit -> {
                        ExitStatus status = exit.status();
                        assertThat(status.stdoutLength()).isEqualTo(output.stdoutLength());
                        assertThat(status.stderrLength()).isEqualTo(output.stderrLength());
                        assertThat(status.stdoutCrc32()).isEqualTo(output.stdoutCrc32());
                        assertThat(status.stderrCrc32()).isEqualTo(output.stderrCrc32());
                        return status;
                    }
                    default -> assertThat(record).isNotInstanceOf(TimelineRecord.Gap.class);
                }
            }
        }
        throw new AssertionError("the follow ended without an exit and without a failure");
    }

    /** As a browser does: whenever the connection breaks, goes on behind the id of the last event. */
    private CountedOutput byEvents(CountedWriter writer, String container) throws InterruptedException {
        CountedOutput output = new CountedOutput(writer);
        Followed followed = new Followed();
        long deadlineNanos = System.nanoTime() + limit.toNanos();
        while (!followed.isEnded()) {
            String[] place =
                    followed.cursor().isEmpty() ? new String[0] : new String[] {"Last-Event-ID", followed.cursor()};
            try (SseReader events = new SseReader(http.stream("/v1/containers/" + container + "/timeline", place))) {
                events.readInto(record -> {
                    followed.accept(record);
                    add(record, output);
                });
            } catch (IOException | UncheckedIOException e) {
                pause("events of " + writer.name(), deadlineNanos);
            }
        }
        return output;
    }

    static void add(Record record, CountedOutput output) {
        if (record.hasOutput()) {
            boolean isStdout =
                    record.getOutput().getStream() == io.tailrace.api.v1.StandardStream.STANDARD_STREAM_STDOUT;
            output.add(isStdout, record.getOutput().getData().asReadOnlyByteBuffer());
        }
    }

    private CountedOutput byRawBytes(CountedWriter writer, String container) throws Exception {
        CountedOutput output = new CountedOutput(writer);
        List<Future<?>> streams = new ArrayList<>();
        for (boolean isStdout : new boolean[] {true, false}) {
            streams.add(threads.submit(() -> {
                byRawBytes(container, isStdout, output);
                return isStdout;
            }));
        }
        for (Future<?> stream : streams) {
            stream.get(limit.toSeconds(), TimeUnit.SECONDS);
        }
        return output;
    }

    private void byRawBytes(String container, boolean isStdout, CountedOutput output) throws InterruptedException {
        String path = "/v1/containers/%s/%s?follow=true&offset=".formatted(container, isStdout ? "stdout" : "stderr");
        long deadlineNanos = System.nanoTime() + limit.toNanos();
        byte[] buffer = new byte[1 << 16];
        while (true) {
            long offset = isStdout ? output.stdoutLength() : output.stderrLength();
            try (InputStream in = http.stream(path + offset)) {
                for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                    output.add(isStdout, ByteBuffer.wrap(buffer, 0, count));
                }
                // Only a whole answer ends without an exception.
                return;
            } catch (IOException | UncheckedIOException e) {
                pause(path + offset, deadlineNanos);
            }
        }
    }

    private static void pause(String what, long deadlineNanos) throws InterruptedException {
        if (System.nanoTime() > deadlineNanos) {
            throw new AssertionError(what + " did not end in time");
        }
        TimeUnit.MILLISECONDS.sleep(RETRY_MILLIS);
    }

    Tailrace client() {
        return client;
    }

    @Override
    public void close() {
        threads.shutdownNow();
        client.close();
        http.close();
        assertThat(server.isAlive()).as("the server lives").isTrue();
    }
}
