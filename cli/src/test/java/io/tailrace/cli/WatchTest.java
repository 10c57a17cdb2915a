package io.tailrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WatchTest {
    private FakeServer server;

    @BeforeEach
    void start() throws IOException {
        server = new FakeServer();
        server.containers.add(FakeServer.running("web"));
    }

    @AfterEach
    void stop() throws InterruptedException {
        server.close();
    }

    @Test
    void logsKeepTheStreamsApart() {
        var logs = Invocation.of(server.out("a\n").err("b\n").out("c").exit(0), "logs", "web");
        assertThat(logs.out()).isEqualTo("a\nc");
        assertThat(logs.err()).isEqualTo("b\n");
        assertThat(logs.code()).isZero();
    }

    @Test
    void oneStreamCanBeChosen() {
        var logs = Invocation.of(server.out("a\n").err("b\n").exit(0), "logs", "--stderr", "web");
        assertThat(logs.out()).isEmpty();
        assertThat(logs.err()).isEqualTo("b\n");
    }

    @ParameterizedTest
    @CsvSource({"0, ''", "1, 6", "2, 5\\n6", "3, 4\\n5\\n6", "6, 1\\n2\\n3\\n4\\n5\\n6", "100, 1\\n2\\n3\\n4\\n5\\n6"})
    void theTailIsCountedInLinesHoweverRecordsAreCut(String lines, String expected) {
        server.out("1\n2").out("\n3\n").out("4\n5\n").out("6").exit(0);
        var logs = Invocation.of(server, "logs", "-n", lines, "web");
        assertThat(logs.out()).isEqualTo(expected.replace("\\n", "\n"));
    }

    @Test
    void aLongLineInManyRecordsIsOneLine() {
        server.out("first\n");
        for (int i = 0; i < 50; i++) {
            server.out("x");
        }
        server.out("\nlast\n").exit(0);
        assertThat(Invocation.of(server, "logs", "-n", "2", "web").out()).isEqualTo("x".repeat(50) + "\nlast\n");
    }

    @Test
    void followingGoesOnBehindTheTail() {
        server.out("1\n").out("2\n").out("3\n").exit(0);
        assertThat(Invocation.of(server, "logs", "-f", "-n", "1", "web").out()).isEqualTo("3\n");
    }

    @Test
    void timestampsStandBeforeLinesNotBeforeRecords() {
        server.out("one ").out("line\nnext\n").exit(0);
        var logs = Invocation.of(server, "logs", "-t", "web").out().lines().toList();
        assertThat(logs).hasSize(2);
        assertThat(logs.getFirst()).isEqualTo("2023-11-14T22:13:20.000000001Z one line");
        assertThat(logs.getLast()).endsWith("000000002Z next");
    }

    @Test
    void logsAsJsonAreTheWholeTimeline() throws IOException {
        var lines = Invocation.of(server.out(new byte[] {(byte) 0xff}).exit(3), "logs", "--json", "web")
                .out()
                .lines()
                .toList();
        var json = new ObjectMapper();
        assertThat(json.readTree(lines.get(0)).path("data").binaryValue()).isEqualTo(new byte[] {(byte) 0xff});
        assertThat(json.readTree(lines.get(1)).path("status").path("exitCode").asInt())
                .isEqualTo(3);
    }

    @Test
    void aReaderThatLeavesEndsLogsQuietlyAndKillsNothing() {
        var logs = Invocation.intoBrokenPipe(server.out("y\n").exit(0), "logs", "web");
        assertThat(logs.code()).isEqualTo(141);
        assertThat(logs.err()).isEmpty();
        assertThat(server.kills).isEmpty();
    }

    @Test
    void aReplayGoesOnBehindTheExitOfAnEarlierRun() {
        var attach = Invocation.of(server.out("a").exit(1).out("b").exit(2), "attach", "--replay", "web");
        assertThat(attach.out()).isEqualTo("ab");
        assertThat(attach.code()).isEqualTo(2);
    }

    @Test
    void aProcessThatIsRemovedWithoutAnExitIsNoSuccess() {
        var attach = Invocation.of(server.state("removed"), "attach", "--replay", "web");
        assertThat(attach.code()).isEqualTo(125);
        assertThat(attach.err()).isEqualTo("tailrace: the process was removed without an exit\n");
    }

    @Test
    void psAlignsItsColumns() {
        var lines = Invocation.of(server, "ps").out().lines().toList();
        assertThat(lines.getFirst()).startsWith("CONTAINER ID   IMAGE            COMMAND");
        assertThat(lines.get(1)).startsWith("aaaaaaaaaaaa   busybox:latest   \"sleep\"");
        assertThat(Invocation.of(server, "ps", "-q").out()).isEqualTo("a".repeat(12) + "\n");
        assertThat(Invocation.of(server, "ps", "-q", "--no-trunc").out()).isEqualTo("a".repeat(64) + "\n");
        assertThat(Invocation.of(server, "ps", "-q", "--filter", "state=exited").out())
                .isEmpty();
    }

    @Test
    void psAsJsonHasStatesAsWords() throws IOException {
        var json = new ObjectMapper()
                .readTree(Invocation.of(server, "ps", "--json").out());
        assertThat(json.path(0).path("status").path("state").asText()).isEqualTo("running");
        assertThat(json.path(0).path("status").path("createdAt").asText()).isEqualTo("2023-11-14T22:13:20Z");
    }

    @Test
    void whatFailsForOneContainerIsDoneToTheOthers() {
        var kill = Invocation.of(server, "kill", "-s", "HUP", "nowhere", "web");
        assertThat(kill.code()).isEqualTo(1);
        assertThat(kill.err()).isEqualTo("tailrace: container: nowhere\n");
        assertThat(kill.out()).isEqualTo("web\n");
        assertThat(server.kills.getFirst().getSignal()).isEqualTo("HUP");
    }

    @Test
    void aServerThatIsNotThereIsToldWithWhatToDo() throws InterruptedException {
        server.close();
        var ps = Invocation.of(server, "ps");
        assertThat(ps.code()).isEqualTo(1);
        assertThat(ps.err())
                .contains("cannot reach the server at " + server.address())
                .contains("tailrace server");
    }
}
