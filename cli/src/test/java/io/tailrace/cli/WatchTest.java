package io.tailrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.Timestamp;
import io.tailrace.api.v1.FollowEnd;
import io.tailrace.api.v1.FollowRequest;
import io.tailrace.api.v1.StandardStream;
import java.io.IOException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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

    @Test
    void theServerCountsTheLinesOfTheTail() {
        Invocation.of(server.out("1\n").exit(0), "logs", "-n", "20", "--stdout", "web");
        Invocation.of(server, "logs", "-f", "-n", "0", "web");
        Invocation.of(server, "logs", "web");
        var tail = server.follows.get(0);
        assertThat(tail.getLines()).isEqualTo(20);
        assertThat(tail.getStreamsList()).containsExactly(StandardStream.STANDARD_STREAM_STDOUT);
        assertThat(tail.getEnd()).isEqualTo(FollowEnd.FOLLOW_END_NOW);
        var follow = server.follows.get(1);
        assertThat(follow.hasLines()).isTrue();
        assertThat(follow.getEnd()).isEqualTo(FollowEnd.FOLLOW_END_EXIT);
        assertThat(server.follows.get(2).getFromCase()).isEqualTo(FollowRequest.FromCase.FROM_NOT_SET);
    }

    @ParameterizedTest
    @CsvSource({
        "2025-01-31T12:00:00Z, 1738324800, 0",
        "2025-01-31T13:30:00.5+01:30, 1738324800, 500000000",
        "1738324800, 1738324800, 0",
        "1738324800.000000001, 1738324800, 1",
        "0, 0, 0"
    })
    void theServerIsAskedForWhatLiesBetweenTwoTimes(String time, long seconds, int nanos) {
        Invocation.of(server.out("1\n").exit(0), "logs", "-f", "--since", time, "--until", time, "web");
        var expected =
                Timestamp.newBuilder().setSeconds(seconds).setNanos(nanos).build();
        assertThat(server.follows.getFirst().getSince()).isEqualTo(expected);
        assertThat(server.follows.getFirst().getUntil()).isEqualTo(expected);
    }

    @Test
    void aTimeWithoutAZoneIsLocalAndASpanIsAgo() {
        var now = Instant.parse("2025-01-31T12:00:00Z");
        var local = LocalDateTime.of(2025, 1, 31, 12, 0);
        assertThat(Moments.parse("since", "2025-01-31T12:00:00", now))
                .isEqualTo(local.atZone(ZoneId.systemDefault()).toInstant());
        assertThat(Moments.parse("since", "2025-01-31", now))
                .isEqualTo(
                        local.toLocalDate().atStartOfDay(ZoneId.systemDefault()).toInstant());
        assertThat(Moments.parse("since", "10m", now)).isEqualTo(now.minusSeconds(600));
        assertThat(Moments.parse("since", "1h30m", now)).isEqualTo(now.minusSeconds(5_400));
    }

    @ParameterizedTest
    @ValueSource(strings = {"yesterday", "2025-13-01T00:00:00Z", "12:00", "-1", "1e9", ""})
    void whatIsNoTimeIsRefused(String time) {
        var logs = Invocation.of(server, "logs", "--since", time, "web");
        assertThat(logs.code()).isNotZero();
        assertThat(logs.err()).contains("since: \"" + time + "\" (expected: ");
        assertThat(server.follows).isEmpty();
    }

    @Test
    void aTailThatIsNoNumberIsRefused() {
        assertThat(Invocation.of(server, "logs", "-n", "-5", "web").err())
                .contains("tail: \"-5\" (expected: a number of lines, or all)");
    }

    @Test
    void aLineIsWaitedForAndPrinted() throws IOException {
        var line = Invocation.of(
                server, "wait", "--line", "ready", "--timeout", "30s", "--stderr", "--since-cursor", "c3", "web");
        assertThat(line.out()).isEqualTo("ready now\n");
        assertThat(line.code()).isZero();
        var request = server.lines.getFirst();
        assertThat(request.getPattern()).isEqualTo("ready");
        assertThat(request.getCursor()).isEqualTo("c3");
        assertThat(request.getStreamsList()).containsExactly(StandardStream.STANDARD_STREAM_STDERR);
        assertThat(request.getTimeout().getSeconds()).isBetween(25L, 30L);
        var json = new ObjectMapper()
                .readTree(Invocation.of(server, "wait", "--line", "ready", "--json", "web")
                        .out());
        assertThat(json.path("cursor").asText()).isEqualTo("c7");
        assertThat(json.path("stream").asText()).isEqualTo("stderr");
    }

    @Test
    void aLineThatDoesNotComeIsAFailure() {
        var line = Invocation.of(server, "wait", "--line", "never", "--timeout", "0s", "web");
        assertThat(line.code()).isNotZero();
        assertThat(line.err()).contains("no line that matches \"never\" within ");
        var wrong = Invocation.of(server, "wait", "--stderr", "web");
        assertThat(wrong.code()).isNotZero();
        assertThat(wrong.err()).contains("line: not given (expected: a pattern");
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
