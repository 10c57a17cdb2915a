package io.tailrace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tailrace.log.StdStream;
import io.tailrace.log.TimelineRecord;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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
