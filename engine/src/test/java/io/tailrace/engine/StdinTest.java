package io.tailrace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tailrace.log.StdStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class StdinTest {
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

    private Container cat() {
        Container container =
                test.engine().create(new Request("cat").withStdin().build());
        container.start();
        return container;
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void whatIsWrittenArrivesAndItsEndIsSeen() throws Exception {
        Container container = cat();
        assertThat(container.process().writeStdin(0, bytes("hello "))).isEqualTo(6);
        assertThat(container.process().writeStdin(6, bytes("world"))).isEqualTo(11);
        container.process().closeStdin();
        container.process().closeStdin();
        assertThat(TestEngine.text(container.process(), StdStream.STDOUT)).isEqualTo("hello world");
        assertThat(container.process().stdinOffset()).isEqualTo(11);
    }

    @Test
    void bytesThatAreSentAgainAreTakenOnce() throws Exception {
        Container container = cat();
        container.process().writeStdin(0, bytes("abcdef"));
        assertThat(container.process().writeStdin(3, bytes("def"))).isEqualTo(6);
        assertThat(container.process().writeStdin(3, bytes("defghi"))).isEqualTo(9);
        assertThatThrownBy(() -> container.process().writeStdin(10, bytes("x")))
                .hasMessageContaining("stdin offset: 10 (expected: 0 to 9)");
        container.process().closeStdin();
        assertThat(TestEngine.text(container.process(), StdStream.STDOUT)).isEqualTo("abcdefghi");
    }

    @Test
    void aWriterWaitsForAProcessThatDoesNotReadAndIsReleasedByItsEnd() throws Exception {
        Container container =
                test.engine().create(new Request("hold").withStdin().build());
        container.start();
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        Thread.startVirtualThread(() -> {
            try {
                container.process().writeStdin(0, ByteBuffer.allocate(1 << 20));
                failure.complete(null);
            } catch (RuntimeException | InterruptedException e) {
                failure.complete(e);
            }
        });
        await().until(() -> container.process().stdinOffset() >= 64 << 10);
        assertThat(failure).isNotDone();
        container.stop(null);
        assertThat(failure.get())
                .hasMessageContaining("stdin is closed")
                .extracting("code")
                .isEqualTo(ErrorCode.FAILED_PRECONDITION);
    }

    @Test
    void withoutAStdinNothingIsTaken() {
        Container container = test.start("hold");
        assertThatThrownBy(() -> container.process().writeStdin(0, bytes("x"))).hasMessageContaining("without a stdin");
        container.process().closeStdin();
        Container created = test.engine().create(new Request("cat").withStdin().build());
        assertThatThrownBy(() -> created.process().writeStdin(0, bytes("x")))
                .extracting("code")
                .isEqualTo(ErrorCode.FAILED_PRECONDITION);
    }

    @Test
    void afterARestartOfTheServerTheClientSaysWhereItIs() throws Exception {
        Container container = cat();
        container.process().writeStdin(0, bytes("one "));
        test.restart();
        Container after = test.again(container);
        assertThat(after.process().writeStdin(4, bytes("two"))).isEqualTo(7);
        after.process().closeStdin();
        assertThat(TestEngine.text(after.process(), StdStream.STDOUT)).isEqualTo("one two");
    }
}
