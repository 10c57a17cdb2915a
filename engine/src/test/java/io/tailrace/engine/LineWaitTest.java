package io.tailrace.engine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tailrace.log.StdStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LineWaitTest {
    @TempDir
    Path directory;

    private TestEngine test;

    @BeforeEach
    void open() {
        test = TestEngine.open(directory);
    }

    @AfterEach
    void close() {
        test.close();
    }

    private static LineRequest request(String pattern, @Nullable Cursor after, StdStream... streams) {
        return new LineRequest(pattern, after, Set.of(streams), TestEngine.LONG);
    }

    private static String text(OutputLine line) {
        return UTF_8.decode(line.data().duplicate()).toString();
    }

    private Container echoing() {
        Container container =
                test.engine().create(new Request("cat").withStdin().build());
        container.start();
        return container;
    }

    private static void say(Container container, String text) throws InterruptedException {
        container.process().writeStdin(container.process().stdinOffset(), ByteBuffer.wrap(text.getBytes(UTF_8)));
    }

    private static CompletableFuture<OutputLine> waiting(Container container, LineRequest request) {
        CompletableFuture<OutputLine> result = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                result.complete(container.process().awaitLine(request));
            } catch (EngineException | InterruptedException e) {
                result.completeExceptionally(e);
            }
        });
        return result;
    }

    @Test
    void aLineIsFoundWhenItsEndComes() throws Exception {
        Container container = echoing();
        CompletableFuture<OutputLine> ready = waiting(container, request("ready (yes|no)$", null));
        say(container, "one\nrea");
        say(container, "dy y");
        assertThat(ready).isNotDone();
        say(container, "es\nmore");
        OutputLine line = ready.get();
        assertThat(text(line)).isEqualTo("ready yes");
        assertThat(line.stream()).isEqualTo(StdStream.STDOUT);
        assertThat(line.offset()).isEqualTo(4);
    }

    @Test
    void aWaitGoesOnBehindALineAlsoWithinARecord() throws Exception {
        Container container = test.run("echo", "-n", "a1\na2\nb1\na3\n");
        Cursor cursor = null;
        StringBuilder found = new StringBuilder();
        for (int i = 0; i < 3; i++) {
            OutputLine line = container.process().awaitLine(request("^a", cursor));
            found.append(text(line)).append(' ').append(line.offset()).append(' ');
            cursor = Cursor.parse(line.cursor().text());
        }
        assertThat(found).hasToString("a1 0 a2 3 a3 9 ");
        Cursor last = cursor;
        assertThatThrownBy(() -> container.process().awaitLine(request("^a", last)))
                .extracting("code")
                .isEqualTo(ErrorCode.FAILED_PRECONDITION);
        OutputLine second = container.process().awaitLine(request("a2", null));
        try (Subscription rest = container
                .process()
                .subscribe(new SubscriptionRequest(
                        new SubscriptionRequest.From.After(second.cursor()),
                        Set.of(SubscriptionRequest.Kind.OUTPUT),
                        Set.of(),
                        SubscriptionRequest.End.EXIT))) {
            assertThat(new String(TestEngine.bytes(TestEngine.drain(rest), StdStream.STDOUT), UTF_8))
                    .isEqualTo("b1\na3\n");
        }
    }

    @Test
    void aLineOfTheOtherStreamDoesNotCount() throws Exception {
        Container container = test.run("both", "ready\n", "not ready\n", "0");
        assertThat(text(container.process().awaitLine(request("ready", null, StdStream.STDERR))))
                .isEqualTo("not ready");
        // Which of the two streams is read first is nobody's promise.
        assertThat(text(container.process().awaitLine(request("^ready$", null))))
                .isEqualTo("ready");
    }

    @Test
    void aLastLineWithoutItsEndIsFoundAtTheExit() throws Exception {
        Container container = echoing();
        CompletableFuture<OutputLine> done = waiting(container, request("^done$", null));
        say(container, "done");
        container.process().closeStdin();
        assertThat(text(done.get())).isEqualTo("done");
    }

    @Test
    void theEndOfTheProcessEndsTheWaitWithItsHistory() throws Exception {
        Container container = echoing();
        CompletableFuture<OutputLine> never = waiting(container, request("never", null));
        container.process().closeStdin();
        assertThatThrownBy(never::join)
                .isInstanceOf(CompletionException.class)
                .hasMessageContaining("ended without a line that matches never. History: ")
                .cause()
                .extracting("code")
                .isEqualTo(ErrorCode.FAILED_PRECONDITION);
    }

    @Test
    void aWaitGoesOnOverARestartByThePolicy() throws Exception {
        Container container = test.engine()
                .create(new Request("cat")
                        .withStdin()
                        .restart(RestartPolicy.Kind.ON_FAILURE, 3)
                        .build());
        container.start();
        CompletableFuture<OutputLine> ready = waiting(container, request("^ready$", null));
        say(container, "rea");
        test.process(container).exit(1);
        await().until(() ->
                container.status().restarts() == 1 && container.status().state() == ContainerState.RUNNING);
        assertThat(ready).isNotDone();
        say(container, "ready\n");
        assertThat(text(ready.get())).isEqualTo("ready");
    }

    @Test
    void aWaitEndsWhenItsTimeIsUp() throws Exception {
        Container container = echoing();
        for (Duration timeout : new Duration[] {Duration.ZERO, Duration.ofMillis(1)}) {
            assertThatThrownBy(() -> container.process().awaitLine(new LineRequest("x", null, Set.of(), timeout)))
                    .hasMessageContaining("no line that matches x within " + timeout)
                    .extracting("code")
                    .isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
        }
        say(container, "x\n");
        container.process().awaitLine(request("x", null));
        assertThat(text(container.process().awaitLine(new LineRequest("x", null, Set.of(), Duration.ZERO))))
                .isEqualTo("x");
    }

    @Test
    void aWaitCanBeInterruptedAndEndsWithTheEngine() throws Exception {
        Container container = echoing();
        CompletableFuture<OutputLine> ends = waiting(container, request("x", null));
        CompletableFuture<Throwable> interrupted = new CompletableFuture<>();
        Thread waiter = Thread.ofVirtual().start(() -> {
            try {
                container.process().awaitLine(request("x", null));
            } catch (InterruptedException e) {
                interrupted.complete(e);
            }
        });
        waiter.interrupt();
        assertThat(interrupted.get()).isInstanceOf(InterruptedException.class);
        test.shutDown();
        assertThatThrownBy(ends::join).cause().extracting("code").isEqualTo(ErrorCode.UNAVAILABLE);
        test.startUp();
    }

    @Test
    void wrongRequestsAreRefused() throws Exception {
        ContainerProcess process = test.run("echo", "x").process();
        assertThatThrownBy(() -> process.awaitLine(request("(", null))).hasMessageContaining("pattern: ( (expected: ");
        assertThatThrownBy(() -> process.awaitLine(new LineRequest("x", null, Set.of(), Duration.ofNanos(-1))))
                .hasMessageContaining("timeout: PT-0.000000001S (expected: >= 0)");
        assertThatThrownBy(() -> process.awaitLine(request("x", new Cursor(process.timelineId(), 1_000))))
                .extracting("code")
                .isEqualTo(ErrorCode.INVALID_CURSOR);
        assertThat(Cursor.parse(process.timelineId() + "~2~~17")).isEqualTo(new Cursor(process.timelineId(), 2, 17));
        assertThatThrownBy(() -> Cursor.parse(process.timelineId() + "~2~~0")).hasMessageContaining("cursor: ");
    }
}
