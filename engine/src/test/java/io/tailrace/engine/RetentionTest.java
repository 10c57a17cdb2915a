package io.tailrace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tailrace.log.StdStream;
import io.tailrace.log.TimelineRecord;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class RetentionTest {
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

    @Test
    void aRemovedContainerIsReadableForTheRetentionAndNotLonger() throws Exception {
        Container container = test.run("echo", "late");
        container.remove(false);
        test.pass(Duration.ofMinutes(4));
        test.engine().sweep();
        test.restart();
        Container again = test.again(container);
        assertThat(again.status().state()).isEqualTo(ContainerState.REMOVED);
        assertThat(TestEngine.text(again.process(), StdStream.STDOUT)).isEqualTo("late\n");
        Subscription reader = again.process()
                .subscribe(new SubscriptionRequest(
                        new SubscriptionRequest.From.Now(), Set.of(), Set.of(), SubscriptionRequest.End.NEVER));

        test.pass(Duration.ofMinutes(2));
        test.engine().sweep();
        assertThatThrownBy(() -> test.again(container)).extracting("code").isEqualTo(ErrorCode.NOT_FOUND);
        assertThatThrownBy(() -> again.process().subscribe(SubscriptionRequest.fromStart()))
                .extracting("code")
                .isEqualTo(ErrorCode.NOT_FOUND);
        assertThat(reader.next(TestEngine.LONG)).isNull();
        assertThat(reader.isEnded()).isTrue();
        try (var left = Files.list(directory.resolve("data/containers"))) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void aReaderOfWhatWasThereIsToldWhenItIsDeletedBeforeItHasReadItAll() throws Exception {
        Container container = test.run("echo", "late");
        container.remove(false);
        Subscription reader = test.again(container)
                .process()
                .subscribe(new SubscriptionRequest(
                        new SubscriptionRequest.From.Start(), Set.of(), Set.of(), SubscriptionRequest.End.NOW));
        test.pass(Duration.ofMinutes(6));
        test.engine().sweep();
        assertThatThrownBy(reader::poll).extracting("code").isEqualTo(ErrorCode.NOT_FOUND);
    }

    @Test
    void aContainerMayBeKeptLongerOrShorterThanOthers() throws Exception {
        Container shortLived = test.engine()
                .create(new Request("true").retention(Duration.ofMinutes(1)).build());
        Container longLived = test.engine()
                .create(new Request("true").retention(Duration.ofHours(1)).build());
        for (Container container : List.of(shortLived, longLived)) {
            container.start();
            TestEngine.awaitExit(container);
            container.remove(false);
        }
        test.restart();
        test.pass(Duration.ofMinutes(2));
        test.engine().sweep();
        assertThatThrownBy(() -> test.again(shortLived)).extracting("code").isEqualTo(ErrorCode.NOT_FOUND);
        test.pass(Duration.ofMinutes(50));
        test.engine().sweep();
        assertThat(test.again(longLived).status().state()).isEqualTo(ContainerState.REMOVED);
        test.pass(Duration.ofMinutes(20));
        test.engine().sweep();
        assertThatThrownBy(() -> test.again(longLived)).extracting("code").isEqualTo(ErrorCode.NOT_FOUND);
    }

    @Test
    void ofAContainerAsMuchIsKeptAsItAsksForAlsoAfterARestart() throws Exception {
        Container container = test.engine()
                .create(new Request("cat")
                        .withStdin()
                        .timelineBytesMax(512 << 10)
                        .build());
        container.start();
        write(container, 4 << 20);
        test.restart();
        Container again = test.again(container);
        write(again, 4 << 20);
        assertThat(again.process().streamLength(StdStream.STDOUT)).isEqualTo(8 << 20);
        Exec exec = again.exec(TestEngine.newExec("printing", "print", "3000000"));
        assertThat(TestEngine.records(exec).getLast()).isInstanceOf(TimelineRecord.Exit.class);
        test.engine().sweep();
        for (ContainerProcess process : List.of(again.process(), exec)) {
            try (Subscription reader = process.subscribe(new SubscriptionRequest(
                    new SubscriptionRequest.From.Start(), Set.of(), Set.of(), SubscriptionRequest.End.NOW))) {
                List<TimelineRecord> records = TestEngine.drain(reader);
                assertThat(records.getFirst()).isInstanceOf(TimelineRecord.Gap.class);
                assertThat(TestEngine.bytes(records, StdStream.STDOUT)).hasSizeBetween(128 << 10, 512 << 10);
            }
        }
    }

    private static void write(Container container, int bytes) throws InterruptedException {
        ContainerProcess process = container.process();
        long length = process.streamLength(StdStream.STDOUT) + bytes;
        for (int left = bytes; left > 0; left -= 1 << 16) {
            process.writeStdin(process.stdinOffset(), ByteBuffer.allocate(1 << 16));
        }
        await().until(() -> process.streamLength(StdStream.STDOUT) == length);
    }

    @Test
    void whatCannotBeKeptIsRefused() {
        assertThatThrownBy(() -> test.engine()
                        .create(new Request("true").timelineBytesMax(100_000).build()))
                .hasMessage("timelineBytesMax: 100000 (expected: 0, or >= 262144)");
        assertThatThrownBy(() -> test.engine()
                        .create(new Request("true").timelineBytesMax(-1).build()))
                .hasMessageStartingWith("timelineBytesMax: -1 (expected: ");
        assertThatThrownBy(() -> test.engine()
                        .create(new Request("true")
                                .retention(Duration.ofSeconds(-1))
                                .build()))
                .hasMessage("retention: PT-1S (expected: >= 0)");
    }

    @Test
    void anExitedContainerIsKeptHoweverOld() throws Exception {
        Container container = test.run("echo", "old");
        test.pass(Duration.ofDays(365));
        test.engine().sweep();
        assertThat(TestEngine.text(test.again(container).process(), StdStream.STDOUT))
                .isEqualTo("old\n");
    }

    @Test
    void anEndedExecIsForgottenAndARunningOneIsNot() throws Exception {
        Container container = test.start("hold");
        Exec ended = container.exec(TestEngine.newExec("ended", "true"));
        container.exec(TestEngine.newExec("running", "hold"));
        assertThat(TestEngine.records(ended).getLast()).isInstanceOf(TimelineRecord.Exit.class);
        test.pass(Duration.ofMinutes(6));
        test.engine().sweep();
        assertThatThrownBy(() -> container.exec("ended")).extracting("code").isEqualTo(ErrorCode.NOT_FOUND);
        assertThat(container.exec("running").status().state()).isEqualTo(ContainerState.RUNNING);
    }
}
