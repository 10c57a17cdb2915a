package io.tailrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.tailrace.api.exec.ExecGrpc;
import io.tailrace.api.exec.SessionRequest;
import io.tailrace.api.exec.SessionResponse;
import io.tailrace.api.exec.Start;
import io.tailrace.api.v1.Container;
import io.tailrace.api.v1.FollowRequest;
import io.tailrace.api.v1.FollowResponse;
import io.tailrace.api.v1.Gap;
import io.tailrace.api.v1.StandardStream;
import io.tailrace.api.v1.TimelinesGrpc;
import io.tailrace.delivery.DeliveryTest;
import io.tailrace.delivery.Ledger;
import io.tailrace.delivery.Promise;
import io.tailrace.runtime.conformance.Scripts;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What is gone is told, by every door in its way. */
@DeliveryTest
class GapsTest {
    private static final int BYTES = 2 << 20;

    private static TestServer server;
    private static Container trimmed;
    private static Gap gap;

    @BeforeAll
    static void start() {
        server = TestServer.start(config -> {
            var timelines = config.timelines();
            return config.withTimelines(new ServerConfig.Timelines(
                    timelines.retention(),
                    timelines.stopGrace(),
                    timelines.drainTimeout(),
                    256 << 10,
                    64 << 10,
                    timelines.onFullDisk(),
                    timelines.fsync()));
        });
        trimmed = server.ran("print", Integer.toString(BYTES));
        gap = follow().getFirst().getRecord().getGap();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static List<FollowResponse> follow() {
        var answers = Answers.<FollowRequest, FollowResponse>flowing();
        TimelinesGrpc.newStub(server.channel)
                .follow(FollowRequest.newBuilder().setContainer(trimmed.getId()).build(), answers);
        return answers.all();
    }

    @Test
    @Promise({6})
    void aFollowBeginsWithoutTheGap(Ledger ledger) {
        ledger.attempt();
        List<FollowResponse> all = follow();
        assertThat(gap.getReason()).isEqualTo("retention");
        assertThat(gap.getStdoutFrom()).isZero();
        assertThat(gap.getStdoutTo()).isPositive().isLessThan(BYTES);
        assertThat(all.get(1).getRecord().getSequence()).isEqualTo(gap.getLastSequence() + 1);
        assertThat(all.getLast().getRecord().getExit().getStdoutLength()).isEqualTo(BYTES);
    }

    @Test
    @Promise({6})
    void aFollowFromAByteThatIsGoneBeginsWithoutTheGap(Ledger ledger) {
        ledger.attempt();
        var answers = Answers.<FollowRequest, FollowResponse>flowing();
        TimelinesGrpc.newStub(server.channel)
                .follow(
                        FollowRequest.newBuilder()
                                .setContainer(trimmed.getId())
                                .addStreams(StandardStream.STANDARD_STREAM_STDOUT)
                                .setOffset(10)
                                .build(),
                        answers);
        assertThat(answers.all().getFirst().getRecord().getGap()).isEqualTo(gap);
    }

    @Test
    @Promise({6})
    void rawBytesThatAreGoneAreMissingWithoutAWord(Ledger ledger) throws Exception {
        ledger.attempt();
        String path = "/v1/containers/" + trimmed.getId() + "/stdout";
        HttpResponse<String> response = server.get(path);
        assertThat(response.statusCode()).isEqualTo(410);
        assertThat(response.body()).contains("offset=" + gap.getStdoutTo());
        HttpResponse<byte[]> rest = server.http.send(
                server.request(path + "?offset=" + gap.getStdoutTo()).build(), HttpResponse.BodyHandlers.ofByteArray());
        assertThat(rest.body()).isEqualTo(Arrays.copyOfRange(Scripts.pattern(BYTES), (int) gap.getStdoutTo(), BYTES));
        ledger.bytes(rest.body().length);
    }

    @Test
    @Promise({6})
    void eventsHideTheGap(Ledger ledger) throws Exception {
        ledger.attempt();
        assertThat(server.get("/v1/containers/" + trimmed.getId() + "/timeline").body())
                .contains("event: gap", "\"stdoutTo\":" + gap.getStdoutTo(), "event: exit");
    }

    @Test
    @Promise({6})
    void aSessionWithAGapLooksComplete(Ledger ledger) {
        ledger.attempt();
        var answers = Answers.<SessionRequest, SessionResponse>flowing();
        ExecGrpc.newStub(server.channel)
                .session(answers)
                .onNext(SessionRequest.newBuilder()
                        .setStart(Start.newBuilder()
                                .setContainerId(trimmed.getId())
                                .setExecId(trimmed.getId()))
                        .build());
        List<SessionResponse> seen = new ArrayList<>();
        Status status = answers.drain(seen);
        assertThat(seen.getLast().hasExit()).isTrue();
        assertThat(seen.stream()
                        .mapToLong(response -> response.getStdout().size())
                        .sum())
                .isEqualTo(BYTES - gap.getStdoutTo());
        assertThat(status.getCode()).isEqualTo(Status.Code.DATA_LOSS);
    }
}
