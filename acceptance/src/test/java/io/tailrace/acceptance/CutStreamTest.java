package io.tailrace.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.StatusRuntimeException;
import io.tailrace.api.v1.FollowRequest;
import io.tailrace.api.v1.FollowResponse;
import io.tailrace.client.Follow;
import io.tailrace.client.FollowOptions;
import io.tailrace.client.StandardStream;
import io.tailrace.client.Tailrace;
import io.tailrace.client.TailraceException;
import io.tailrace.client.TimelineRecord;
import io.tailrace.delivery.CountedLines;
import io.tailrace.delivery.DeliveryTest;
import io.tailrace.delivery.Ledger;
import io.tailrace.delivery.Promise;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The network cuts a stream at any byte: in no client does it look complete. */
@Acceptance
@DeliveryTest
@Tag("slow")
@Timeout(
        value = CutStreamTest.TEST_MINUTES_MAX,
        unit = TimeUnit.MINUTES,
        threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CutStreamTest {
    /** The long form lets commands wait for a network that does not come back. */
    static final int TEST_MINUTES_MAX = 15;

    private static final CountedLines LINES = new CountedLines("out", 90);
    private static final int LINE_COUNT = 2_000;
    private static final int EXIT_CODE = 7;
    private static final Duration LIMIT = Duration.ofSeconds(60);
    /** Longer than any client goes on trying. */
    private static final Duration GIVE_UP_LIMIT = Duration.ofMinutes(3);

    private final TailraceServerProcess server;

    CutStreamTest(TailraceServerProcess server) {
        this.server = server;
    }

    /** A client that reads one container's whole output over a connection that may break. */
    @FunctionalInterface
    private interface Reader {
        /**
         * Reads to the end.
         *
         * @param received is given every byte of stdout
         * @return whether it takes what it got for complete
         */
        boolean isComplete(String address, String container, ByteArrayOutputStream received) throws Exception;
    }

    @Test
    @Promise({1, 4})
    void aStreamThatTheNetworkCutsLooksComplete(Ledger ledger) throws Exception {
        byte[] expected = expected();
        String id = server.api().run(finite()).getId();
        server.api().follow(id, "");
        Map<String, Reader> readers = new LinkedHashMap<>();
        readers.put("gRPC", CutStreamTest::overGrpc);
        readers.put("Java client", CutStreamTest::byJavaClient);
        readers.put("events", CutStreamTest::byEvents);
        readers.put("raw bytes", CutStreamTest::byRawBytes);
        Random random = ledger.random();
        int cuts = ledger.isLong() ? 100 : 10;
        for (Map.Entry<String, Reader> reader : readers.entrySet()) {
            long length = uncut(reader.getValue(), id, expected);
            for (int cut = 0; cut < cuts; cut++) {
                // The very last bytes are the hardest: all output is there, and the proof is not.
                long at = cut % 2 == 0 ? random.nextLong(length) : length - 1 - random.nextLong(Math.min(200, length));
                assertNotComplete(reader, id, at, random.nextBoolean(), expected, ledger);
            }
        }
        server.api().remove(id);
    }

    /** How many bytes of answers a whole delivery takes. */
    private long uncut(Reader reader, String id, byte[] expected) throws Exception {
        try (CuttingProxy proxy = new CuttingProxy(server.port(), Long.MAX_VALUE, false)) {
            ByteArrayOutputStream received = new ByteArrayOutputStream();
            assertThat(reader.isComplete(proxy.address(), id, received)).isTrue();
            assertThat(received.toByteArray()).isEqualTo(expected);
            return proxy.passed();
        }
    }

    private void assertNotComplete(
            Map.Entry<String, Reader> reader, String id, long at, boolean isReset, byte[] expected, Ledger ledger)
            throws Exception {
        try (CuttingProxy proxy = new CuttingProxy(server.port(), at, isReset)) {
            ByteArrayOutputStream received = new ByteArrayOutputStream();
            boolean isComplete = reader.getValue().isComplete(proxy.address(), id, received);
            String what = "%s, cut behind byte %d by a %s".formatted(reader.getKey(), at, isReset ? "reset" : "end");
            byte[] got = received.toByteArray();
            assertThat(got).as(what).isEqualTo(Arrays.copyOf(expected, got.length));
            if (isComplete) {
                // What was cut came behind the end; then nothing may be missing.
                assertThat(got.length).as(what).isEqualTo(expected.length);
            }
            ledger.attempt();
            ledger.bytes(got.length);
        }
    }

    private static boolean overGrpc(String address, String container, ByteArrayOutputStream received) {
        boolean hasExit = false;
        try (Api api = Api.connect(address, TailraceServerProcess.TOKEN)) {
            Iterator<FollowResponse> responses = api.timelines()
                    .follow(FollowRequest.newBuilder().setContainer(container).build());
            while (responses.hasNext()) {
                FollowResponse response = responses.next();
                if (response.getRecord().hasOutput()) {
                    received.writeBytes(
                            response.getRecord().getOutput().getData().toByteArray());
                }
                hasExit |= response.getRecord().hasExit();
            }
            return true;
        } catch (StatusRuntimeException e) {
            // The records said so themselves, if the Exit was among them.
            return hasExit;
        }
    }

    private static boolean byJavaClient(String address, String container, ByteArrayOutputStream received)
            throws IOException {
        try (Tailrace client = Tailrace.builder()
                        .address("http://" + address)
                        .token(TailraceServerProcess.TOKEN)
                        .build();
                Follow follow = client.containers()
                        .get(container)
                        .follow(new FollowOptions().reconnectTimeout(Duration.ZERO))) {
            for (TimelineRecord record : follow) {
                if (record instanceof TimelineRecord.Output output && output.stream() == StandardStream.STDOUT) {
                    output.writeTo(received);
                }
            }
            return true;
        } catch (TailraceException e) {
            return false;
        }
    }

    private static boolean byEvents(String address, String container, ByteArrayOutputStream received) {
        boolean[] hasExit = new boolean[1];
        try (Http http = new Http(address);
                SseReader events = new SseReader(http.stream("/v1/containers/" + container + "/timeline"))) {
            events.readInto(record -> {
                if (record.hasOutput()) {
                    received.writeBytes(record.getOutput().getData().toByteArray());
                }
                hasExit[0] |= record.hasExit();
            });
            return true;
        } catch (IOException | UncheckedIOException e) {
            return hasExit[0];
        }
    }

    private static boolean byRawBytes(String address, String container, ByteArrayOutputStream received) {
        try (Http http = new Http(address);
                InputStream in = http.stream("/v1/containers/" + container + "/stdout?follow=true")) {
            in.transferTo(received);
            return true;
        } catch (IOException | UncheckedIOException e) {
            return false;
        }
    }

    @Test
    @Promise({1, 4})
    void aCommandWhoseConnectionIsCutLooksComplete(Ledger ledger) throws Exception {
        int rounds = ledger.isLong() ? 8 : 1;
        for (int round = 0; round < rounds; round++) {
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Future<?>> all = new ArrayList<>();
                for (String verb : List.of("run", "logs", "attach")) {
                    Random random = ledger.random();
                    boolean isHealed = !ledger.isLong() || round > 0;
                    all.add(threads.submit(() -> cut(verb, random, isHealed, ledger)));
                }
                for (Future<?> one : all) {
                    one.get(TimeUnit.MINUTES.toSeconds(TEST_MINUTES_MAX), TimeUnit.SECONDS);
                }
            }
        }
    }

    /** @param isHealed whether the network comes back */
    private Void cut(String verb, Random random, boolean isHealed, Ledger ledger) throws IOException {
        Path counts = Files.createTempDirectory(server.shared(), "cut-");
        CountedWriter writer = new CountedWriter("writer", 90, 0, 20, 0.05);
        String script = writer.script() + "exit " + EXIT_CODE;
        String name = counts.getFileName().toString();
        if (!verb.equals("run")) {
            server.api()
                    .containers()
                    .create(io.tailrace.api.v1.CreateContainerRequest.newBuilder()
                            .setName(name)
                            .setStart(true)
                            .setSpec(Api.shell(script).addMounts(ServerKillTest.bind(counts, CountedWriter.DIRECTORY)))
                            .build());
        }
        long at = random.nextLong(2_000, 60_000);
        try (CuttingProxy proxy = new CuttingProxy(server.port(), at, random.nextBoolean());
                Command command = start(proxy, arguments(verb, name, counts, script))) {
            String what = "%s, cut behind byte %d".formatted(verb, at);
            Waiting.until("the cut of " + what, LIMIT, proxy::isCut);
            Waiting.until(what + " to try again", LIMIT, () -> proxy.refused() > 1 || !command.isAlive());
            ledger.attempt();
            if (isHealed && command.isAlive()) {
                proxy.heal();
                Files.createFile(counts.resolve(CountedWriter.STOP));
                assertWhole(verb, command.await(LIMIT), writer, writer.stdoutOf(awaitCount(writer, counts)), ledger);
            } else {
                int exitCode = command.await(GIVE_UP_LIMIT).exitCode();
                assertThat(exitCode).as(what).isNotIn(0, EXIT_CODE);
                Files.createFile(counts.resolve(CountedWriter.STOP));
            }
        }
        if (server.run("inspect", name).exitCode() == 0) {
            server.api().remove(name);
        }
        return null;
    }

    private static int awaitCount(CountedWriter writer, Path counts) throws IOException {
        Waiting.until("the writer to end", LIMIT, () -> Files.exists(counts.resolve(writer.name())));
        return writer.count(counts);
    }

    private static List<String> arguments(String verb, String name, Path counts, String script) {
        return switch (verb) {
            case "run" ->
                List.of(
                        "run",
                        "--name",
                        name,
                        "--network",
                        "none",
                        "-v",
                        counts + ":" + CountedWriter.DIRECTORY,
                        "busybox",
                        "sh",
                        "-c",
                        script);
            case "logs" -> List.of("logs", "-f", name);
            default -> List.of("attach", name);
        };
    }

    private static Command start(CuttingProxy proxy, List<String> arguments) {
        List<String> line = new ArrayList<>(List.of("--host", "http://" + proxy.address()));
        line.addAll(arguments);
        return Command.start(Launch.tailrace(line), Map.of("TAILRACE_TOKEN", TailraceServerProcess.TOKEN), null);
    }

    private static void assertWhole(
            String verb, Command.Result result, CountedWriter writer, byte[] written, Ledger ledger) {
        assertThat(result.exitCode()).as(result.toString()).isEqualTo(verb.equals("logs") ? 0 : EXIT_CODE);
        byte[] got = result.stdoutBytes();
        // Who attaches sees what comes from then on.
        int from = verb.equals("attach") ? written.length - got.length : 0;
        assertThat(from).isNotNegative();
        assertThat(got)
                .as("%s of %s", verb, writer.name())
                .isEqualTo(Arrays.copyOfRange(written, from, written.length));
        assertThat(got).isNotEmpty();
        ledger.bytes(got.length);
    }

    private static String finite() {
        return "%s; i=0; while [ $i -lt %d ]; do i=$((i+1)); %s; done"
                .formatted(LINES.shellPreparation(), LINE_COUNT, LINES.shellLine());
    }

    private static byte[] expected() {
        StringBuilder text = new StringBuilder();
        for (int number = 1; number <= LINE_COUNT; number++) {
            text.append(LINES.line(number));
        }
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }
}
