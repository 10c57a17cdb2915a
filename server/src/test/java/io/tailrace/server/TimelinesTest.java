package io.tailrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Durations;
import com.google.protobuf.util.Timestamps;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.tailrace.api.v1.Container;
import io.tailrace.api.v1.CreateExecRequest;
import io.tailrace.api.v1.ExecsGrpc;
import io.tailrace.api.v1.ExitReason;
import io.tailrace.api.v1.FollowEnd;
import io.tailrace.api.v1.FollowFeedRequest;
import io.tailrace.api.v1.FollowFeedResponse;
import io.tailrace.api.v1.FollowRequest;
import io.tailrace.api.v1.FollowResponse;
import io.tailrace.api.v1.InputClose;
import io.tailrace.api.v1.InputData;
import io.tailrace.api.v1.InputOpen;
import io.tailrace.api.v1.InputRequest;
import io.tailrace.api.v1.InputResponse;
import io.tailrace.api.v1.Record;
import io.tailrace.api.v1.RecordKind;
import io.tailrace.api.v1.RemoveContainerRequest;
import io.tailrace.api.v1.ResizeRequest;
import io.tailrace.api.v1.StandardStream;
import io.tailrace.api.v1.StartContainerRequest;
import io.tailrace.api.v1.TimelinesGrpc;
import io.tailrace.api.v1.WaitForLineRequest;
import io.tailrace.runtime.conformance.Scripts;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TimelinesTest {
    private static final int MANY_BYTES = 3 << 20;
    private static final int SMALL_WINDOW_BYTES = 65_535;

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static TimelinesGrpc.TimelinesStub timelines() {
        return TimelinesGrpc.newStub(server.channel);
    }

    private static FollowRequest.Builder of(Container container) {
        return FollowRequest.newBuilder().setContainer(container.getId());
    }

    private static Answers<FollowRequest, FollowResponse> follow(FollowRequest.Builder request) {
        var answers = Answers.<FollowRequest, FollowResponse>flowing();
        timelines().follow(request.build(), answers);
        return answers;
    }

    private static List<Record> records(FollowRequest.Builder request) {
        return follow(request).all().stream()
                .filter(FollowResponse::hasRecord)
                .map(FollowResponse::getRecord)
                .toList();
    }

    private static ByteString output(List<Record> records, StandardStream stream) {
        ByteString bytes = ByteString.EMPTY;
        for (Record record : records) {
            if (record.hasOutput() && record.getOutput().getStream() == stream) {
                assertThat(record.getOutput().getOffset()).isEqualTo(bytes.size());
                bytes = bytes.concat(record.getOutput().getData());
            }
        }
        return bytes;
    }

    @Test
    void aFollowBringsEverythingInOrderAndEndsBehindTheExit() {
        Container container = server.run("both", "out", "err", "3");
        List<Record> records = records(of(container));
        for (int i = 0; i < records.size(); i++) {
            assertThat(records.get(i).getSequence()).isEqualTo(i + 1);
        }
        assertThat(output(records, StandardStream.STANDARD_STREAM_STDOUT).toStringUtf8())
                .isEqualTo("out");
        assertThat(output(records, StandardStream.STANDARD_STREAM_STDERR).toStringUtf8())
                .isEqualTo("err");
        var exit = records.getLast().getExit();
        assertThat(exit.getReason()).isEqualTo(ExitReason.EXIT_REASON_EXITED);
        assertThat(exit.getExitCode()).isEqualTo(3);
        assertThat(exit.getStdoutLength()).isEqualTo(3);
    }

    @Test
    void anExitCodeOfZeroIsPresent() {
        List<Record> records = records(of(server.run("true")));
        assertThat(records.getLast().getExit().hasExitCode()).isTrue();
    }

    @Test
    void muchOutputComesWholeWithTheChecksumThatProvesIt() {
        List<Record> records = records(of(server.run("print", Integer.toString(MANY_BYTES))));
        byte[] bytes = output(records, StandardStream.STANDARD_STREAM_STDOUT).toByteArray();
        assertThat(bytes).isEqualTo(Scripts.pattern(MANY_BYTES));
        var crc32 = new CRC32();
        crc32.update(bytes);
        assertThat(Integer.toUnsignedLong(records.getLast().getExit().getStdoutCrc32()))
                .isEqualTo(crc32.getValue());
    }

    @Test
    void aFollowGoesOnBehindACursor() {
        Container container = server.ran("both", "out", "err", "0");
        List<Record> all = records(of(container));
        for (Record record : all) {
            List<Record> rest = records(of(container).setCursor(record.getCursor()));
            assertThat(rest).isEqualTo(all.subList((int) record.getSequence(), all.size()));
        }
    }

    @Test
    void aFollowBeginsWithTheLastLines() {
        Container container = server.ran("both", "1\n2\n", "3\n4", "0");
        FollowRequest.Builder two = of(container).setLines(2).setEnd(FollowEnd.FOLLOW_END_NOW);
        assertThat(texts(records(two))).containsExactly("3\n4");
        two.addStreams(StandardStream.STANDARD_STREAM_STDOUT).setLines(1);
        assertThat(texts(records(two))).containsExactly("2\n");
        assertThat(records(of(container).setLines(0))).isEmpty();
        assertThat(follow(of(container).setLines(-1)).end().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    }

    private static List<String> texts(List<Record> records) {
        return records.stream()
                .filter(Record::hasOutput)
                .map(record -> record.getOutput().getData().toStringUtf8())
                .toList();
    }

    @Test
    void aFollowBringsWhatWasRecordedBetweenTwoTimes() {
        Container container = server.ran("both", "out", "err", "0");
        List<Record> all = records(of(container));
        Record middle = all.get(all.size() / 2);
        List<Record> late = records(of(container).setSince(Timestamps.fromNanos(middle.getTimestampNanos())));
        assertThat(late).contains(middle, all.getLast()).doesNotContain(all.getFirst());
        List<Record> early = records(of(container).setUntil(Timestamps.fromNanos(middle.getTimestampNanos())));
        assertThat(early).contains(all.getFirst(), middle).doesNotContain(all.getLast());
        var noTime = Timestamp.newBuilder().setNanos(-1);
        assertThat(follow(of(container).setSince(noTime)).end().getDescription())
                .contains("since: 0 s and -1 ns (expected: ");
        assertThat(follow(of(container).setUntil(Timestamp.newBuilder().setSeconds(Long.MAX_VALUE)))
                        .end()
                        .getCode())
                .isEqualTo(Status.Code.INVALID_ARGUMENT);
    }

    private static TimelinesGrpc.TimelinesBlockingStub waiting() {
        return TimelinesGrpc.newBlockingStub(server.channel).withDeadlineAfter(60, TimeUnit.SECONDS);
    }

    private static WaitForLineRequest.Builder line(Container container, String pattern) {
        return WaitForLineRequest.newBuilder().setContainer(container.getId()).setPattern(pattern);
    }

    @Test
    void aLineIsWaitedForAndTheNextOneFromThere() {
        Container container = server.run("both", "a1\na2\n", "b1\n", "0");
        var first = waiting().waitForLine(line(container, "^a").build());
        assertThat(first.getLine().toStringUtf8()).isEqualTo("a1");
        assertThat(first.getTimestampNanos()).isPositive();
        var second = waiting()
                .waitForLine(line(container, "^[ab]")
                        .setCursor(first.getCursor())
                        .addStreams(StandardStream.STANDARD_STREAM_STDOUT)
                        .build());
        assertThat(second.getLine().toStringUtf8()).isEqualTo("a2");
        assertThat(second.getOffset()).isEqualTo(3);
        assertThat(code(line(container, "^a3"))).isEqualTo(Status.Code.FAILED_PRECONDITION);
        assertThat(code(line(server.run("hold"), "x").setTimeout(Durations.fromMillis(10))))
                .isEqualTo(Status.Code.DEADLINE_EXCEEDED);
        for (String pattern : List.of("", "(", "(a{100}){100}", "x".repeat(1_001))) {
            assertThat(code(line(container, pattern))).isEqualTo(Status.Code.INVALID_ARGUMENT);
        }
        assertThat(code(line(container, "x").setCursor("rubbish"))).isNotEqualTo(Status.Code.OK);
    }

    private static Status.Code code(WaitForLineRequest.Builder request) {
        try {
            var _ = waiting().waitForLine(request.build());
            return Status.Code.OK;
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode();
        }
    }

    @Test
    void aLineIsWaitedForInJson() throws Exception {
        Container container = server.run("echo", "port 8080");
        String path = "/v1/containers/" + container.getId() + "/wait-for-line";
        var found = server.post(path, "{\"pattern\": \"port \\\\d+\", \"timeout\": \"30s\"}");
        assertThat(found.statusCode()).as(found.body()).isEqualTo(200);
        assertThat(found.body()).contains("\"line\":\"cG9ydCA4MDgw\"");
        var late = server.post(path, "{\"pattern\": \"never\", \"timeout\": \"0s\"}");
        assertThat(late.statusCode()).isIn(400, 409, 412, 504);
        assertThat(server.post(path, "{\"pattern\": \"(\"}").statusCode()).isEqualTo(400);
    }

    @Test
    void aFollowBeginsAtAByte() {
        Container container = server.ran("print", "100000");
        List<Record> records = records(of(container)
                .addStreams(StandardStream.STANDARD_STREAM_STDOUT)
                .addKinds(RecordKind.RECORD_KIND_OUTPUT)
                .setOffset(99_990));
        assertThat(records.getFirst().getOutput().getOffset()).isEqualTo(99_990);
        assertThat(records.getFirst().getOutput().getData().size()).isEqualTo(10);
        assertThat(records.getLast().hasExit()).isTrue();
    }

    @Test
    void aFollowBringsOnlyWhatWasAskedFor() {
        Container container = server.ran("both", "out", "err", "0");
        List<Record> records = records(of(container)
                .addKinds(RecordKind.RECORD_KIND_OUTPUT)
                .addStreams(StandardStream.STANDARD_STREAM_STDERR));
        assertThat(records).hasSize(2);
        assertThat(records.getFirst().getOutput().getData().toStringUtf8()).isEqualTo("err");
        assertThat(records.getLast().hasExit()).isTrue();
        assertThat(records(of(container).setLast(1).setEnd(FollowEnd.FOLLOW_END_NOW)))
                .hasSize(1);
    }

    @Test
    void aFollowOfWhatIsRecordedNowEnds() {
        Container container = server.run("stubborn");
        await().until(() -> !output(
                        records(of(container).setEnd(FollowEnd.FOLLOW_END_NOW)), StandardStream.STANDARD_STREAM_STDOUT)
                .isEmpty());
    }

    @Test
    void aFollowOfAContainerThatWaitsSaysAtOnceThatItStands() {
        Container container = server.create("echo", "late");
        var answers = follow(of(container).setNow(true));
        assertThat(answers.next().hasHeartbeat()).isTrue();
        server.containers()
                .start(StartContainerRequest.newBuilder()
                        .setContainer(container.getId())
                        .build());
        List<FollowResponse> rest = answers.all();
        assertThat(rest.getLast().getRecord().hasExit()).isTrue();
        assertThat(rest).anyMatch(response -> response.getRecord().hasOutput());
    }

    @Test
    void aFollowOfWhatWasRemovedBeforeItRanDoesNotLookComplete() {
        Container container = server.create("true");
        var answers = follow(of(container).setNow(true));
        assertThat(answers.next().hasHeartbeat()).isTrue();
        server.containers()
                .remove(RemoveContainerRequest.newBuilder()
                        .setContainer(container.getId())
                        .build());
        assertThat(answers.drain(new ArrayList<>()).getCode()).isEqualTo(Status.Code.NOT_FOUND);
    }

    @Test
    void anExecIsFollowedLikeAContainer() {
        Container container = server.run("hold");
        ExecsGrpc.newBlockingStub(server.channel)
                .create(CreateExecRequest.newBuilder()
                        .setContainer(container.getId())
                        .setId("greet")
                        .addCommand("echo")
                        .addCommand("hello")
                        .build());
        List<Record> records = records(of(container).setExec("greet"));
        assertThat(output(records, StandardStream.STANDARD_STREAM_STDOUT).toStringUtf8())
                .isEqualTo("hello\n");
    }

    @Test
    void wrongRequestsAreRefused() {
        Container container = server.run("hold");
        Container other = server.ran("true");
        String foreign = records(of(other)).getLast().getCursor();
        assertThat(follow(FollowRequest.newBuilder()).end().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(follow(FollowRequest.newBuilder().setContainer("nobody"))
                        .end()
                        .getCode())
                .isEqualTo(Status.Code.NOT_FOUND);
        assertThat(follow(of(container).setExec("nothing")).end().getCode()).isEqualTo(Status.Code.NOT_FOUND);
        assertThat(follow(of(container).setCursor("rubbish")).end().getCode()).isEqualTo(Status.Code.OUT_OF_RANGE);
        assertThat(follow(of(container).setCursor(foreign)).end().getCode()).isEqualTo(Status.Code.OUT_OF_RANGE);
        assertThat(follow(of(container).setOffset(0)).end().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(follow(of(container).setLast(-1)).end().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(follow(of(container).addKindsValue(99)).end().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    }

    @Test
    void aClientThatLeavesFreesItsStream() {
        Container container = server.run("hold");
        int before = server.server.streams();
        var answers = follow(of(container));
        answers.next();
        assertThat(server.server.streams()).isGreaterThan(before);
        answers.cancel();
        await().until(() -> server.server.streams() <= before);
    }

    @Test
    void aReaderThatStopsIsNotReadForAndDelaysNobody() {
        Container container = server.ran("print", Integer.toString(MANY_BYTES));
        var stopped = Answers.<FollowRequest, FollowResponse>stopped();
        timelines().follow(of(container).build(), stopped);
        assertThat(output(records(of(container)), StandardStream.STANDARD_STREAM_STDOUT)
                        .size())
                .isEqualTo(MANY_BYTES);
        // It still gets everything, when it wants it.
        stopped.ask(Integer.MAX_VALUE);
        List<Record> late = stopped.all().stream()
                .filter(FollowResponse::hasRecord)
                .map(FollowResponse::getRecord)
                .toList();
        assertThat(output(late, StandardStream.STANDARD_STREAM_STDOUT).size()).isEqualTo(MANY_BYTES);
    }

    /** Were their bytes kept for them, the readers that stop would need 2 GiB, which is more than this process has. */
    @Test
    void manyReadersThatStopCostLittle() throws Exception {
        int readers = 500;
        int bytes = 4 << 20;
        assertThat(Runtime.getRuntime().maxMemory()).isLessThan((long) readers * bytes);
        Container container = server.ran("print", Integer.toString(bytes));
        ManagedChannel channel = NettyChannelBuilder.forAddress(
                        "127.0.0.1", server.server.httpUri().getPort())
                .usePlaintext()
                .flowControlWindow(SMALL_WINDOW_BYTES)
                .build();
        int before = server.server.streams();
        for (int i = 0; i < readers; i++) {
            TimelinesGrpc.newStub(channel).follow(of(container).build(), Answers.stopped());
        }
        await().until(() -> server.server.streams() == before + readers);
        assertThat(output(records(of(container)), StandardStream.STANDARD_STREAM_STDOUT)
                        .size())
                .isEqualTo(bytes);
        channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
        await().until(() -> server.server.streams() <= before);
    }

    @Test
    void inputIsAcknowledgedByOffsetAndMayBeSentAgain() {
        Container container =
                server.containers().create(withStdin("cat").setStart(true).build());
        var answers = Answers.<InputRequest, InputResponse>flowing();
        var requests = timelines().input(answers);
        requests.onNext(open(container));
        assertThat(answers.next().getAcknowledgedOffset()).isZero();
        requests.onNext(data(0, "hello "));
        assertThat(answers.next().getAcknowledgedOffset()).isEqualTo(6);
        requests.onNext(data(0, "hello world"));
        assertThat(answers.next().getAcknowledgedOffset()).isEqualTo(11);
        requests.onNext(InputRequest.newBuilder()
                .setClose(InputClose.getDefaultInstance())
                .build());
        assertThat(answers.next().getAcknowledgedOffset()).isEqualTo(11);
        requests.onCompleted();
        assertThat(answers.end()).isEqualTo(Status.OK);
        assertThat(output(records(of(container)), StandardStream.STANDARD_STREAM_STDOUT)
                        .toStringUtf8())
                .isEqualTo("hello world");
    }

    @Test
    void inputBeyondTheOffsetIsRefused() {
        Container container =
                server.containers().create(withStdin("cat").setStart(true).build());
        var answers = Answers.<InputRequest, InputResponse>flowing();
        var requests = timelines().input(answers);
        requests.onNext(open(container));
        answers.next();
        requests.onNext(data(10, "too far"));
        assertThat(answers.end().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    }

    @Test
    void inputMustOpenFirst() {
        var answers = Answers.<InputRequest, InputResponse>flowing();
        timelines().input(answers).onNext(data(0, "x"));
        assertThat(answers.end().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    }

    @Test
    void aWriterIsHeldBackByAProcessThatDoesNotReadAndFreedWhenItLeaves() {
        Container container =
                server.containers().create(withStdin("hold").setStart(true).build());
        int before = server.server.streams();
        var answers = Answers.<InputRequest, InputResponse>flowing();
        var requests = timelines().input(answers);
        requests.onNext(open(container));
        answers.next();
        String chunk = "x".repeat(65_536);
        for (int i = 0; i < 8; i++) {
            requests.onNext(data(i * 65_536L, chunk));
        }
        answers.cancel();
        await().until(() -> server.server.streams() <= before);
    }

    @Test
    void stdinThatIsForOneClientEndsWithIt() {
        var request = withStdin("cat");
        request.getSpecBuilder().setStdinOnce(true);
        Container container = server.containers().create(request.setStart(true).build());
        var answers = Answers.<InputRequest, InputResponse>flowing();
        var requests = timelines().input(answers);
        requests.onNext(open(container));
        requests.onNext(data(0, "bye"));
        requests.onCompleted();
        assertThat(answers.all()).hasSize(2);
        assertThat(records(of(container)).getLast().hasExit()).isTrue();
    }

    @Test
    void aTerminalIsResized() {
        var request = withStdin("size");
        request.getSpecBuilder().setTty(true);
        Container container = server.containers().create(request.setStart(true).build());
        TimelinesGrpc.newBlockingStub(server.channel)
                .resize(ResizeRequest.newBuilder()
                        .setContainer(container.getId())
                        .setColumns(132)
                        .setRows(50)
                        .build());
        var answers = Answers.<InputRequest, InputResponse>flowing();
        var requests = timelines().input(answers);
        requests.onNext(open(container));
        requests.onNext(data(0, "\n"));
        requests.onNext(InputRequest.newBuilder()
                .setClose(InputClose.getDefaultInstance())
                .build());
        requests.onCompleted();
        assertThat(output(records(of(container)), StandardStream.STANDARD_STREAM_STDOUT)
                        .toStringUtf8())
                .contains("50 132");
    }

    @Test
    void theFeedBringsTheLifeOfAllAndGoesOnBehindACursor() {
        Container container = server.ran("exit", "4");
        var request = FollowFeedRequest.newBuilder().setStart(true).setContainer(container.getId());
        var answers = Answers.<FollowFeedRequest, FollowFeedResponse>flowing();
        timelines().followFeed(request.build(), answers);
        List<String> events = new ArrayList<>();
        String cursor = "";
        FollowFeedResponse last = FollowFeedResponse.getDefaultInstance();
        while (!events.contains("exited")) {
            last = answers.next();
            if (last.hasRecord()) {
                events.add(last.getRecord().getEvent());
                cursor = events.size() == 1 ? last.getRecord().getCursor() : cursor;
            }
        }
        assertThat(events).containsExactly("created", "starting", "running", "draining", "exited");
        assertThat(last.getRecord().getRecord().getExit().getExitCode()).isEqualTo(4);
        answers.cancel();
        var again = Answers.<FollowFeedRequest, FollowFeedResponse>flowing();
        timelines().followFeed(request.clearFrom().setCursor(cursor).build(), again);
        assertThat(again.next().getRecord().getEvent()).isEqualTo("starting");
        again.cancel();
    }

    private static io.tailrace.api.v1.CreateContainerRequest.Builder withStdin(String... command) {
        var request = TestServer.newContainer(command);
        request.getSpecBuilder().setStdin(true);
        return request;
    }

    private static InputRequest open(Container container) {
        return InputRequest.newBuilder()
                .setOpen(InputOpen.newBuilder().setContainer(container.getId()))
                .build();
    }

    private static InputRequest data(long offset, String text) {
        return InputRequest.newBuilder()
                .setData(InputData.newBuilder().setOffset(offset).setData(ByteString.copyFromUtf8(text)))
                .build();
    }
}
