package io.tailrace.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tailrace.api.v1.FollowEnd;
import io.tailrace.api.v1.FollowRequest;
import io.tailrace.api.v1.Gap;
import io.tailrace.api.v1.Record;
import io.tailrace.api.v1.RecordKind;
import io.tailrace.api.v1.StandardStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Output by lines, and all of it with the exit. */
class LogsTest {
    private static final String ID = "0".repeat(64);

    private final ByteArrayOutputStream stdout = new ByteArrayOutputStream();
    private final ByteArrayOutputStream stderr = new ByteArrayOutputStream();
    private ScriptedServer server;
    private Tailrace tailrace;
    private Container container;

    @BeforeEach
    void start() throws IOException {
        server = new ScriptedServer();
        tailrace = server.client().build();
        container = tailrace.containers().get(ID);
    }

    @AfterEach
    void stop() throws InterruptedException {
        tailrace.close();
        server.close();
    }

    private long next() {
        return server.timeline.size() + 1L;
    }

    private void out(String text) {
        write(StandardStream.STANDARD_STREAM_STDOUT, stdout, text);
    }

    private void err(String text) {
        write(StandardStream.STANDARD_STREAM_STDERR, stderr, text);
    }

    private void write(StandardStream stream, ByteArrayOutputStream target, String text) {
        var data = text.getBytes(UTF_8);
        server.timeline.add(Scripts.output(next(), stream, target.size(), data));
        target.writeBytes(data);
    }

    private void exit(int code) {
        server.timeline.add(Scripts.exit(next(), code, stdout.toByteArray(), stderr.toByteArray()));
    }

    private List<String> lines(LogOptions options) {
        List<String> lines = new ArrayList<>();
        try (var logs = container.logs(options)) {
            for (var line : logs) {
                lines.add(line.stream().name().charAt(3) + " " + line.offset() + " " + line.text());
            }
        }
        return lines;
    }

    @Test
    void linesAreWholeHoweverRecordsAreCut() {
        out("one\ntw");
        err("oh\n");
        out("o\r\n\nth");
        out("ree");
        exit(0);
        assertThat(lines(new LogOptions().follow()))
                .containsExactly("O 0 one", "E 0 oh", "O 4 two", "O 9 ", "O 10 three");
    }

    @Test
    void aBrokenCallCostsNoLine() {
        for (int i = 0; i < 20; i++) {
            out(i + "\n" + i);
        }
        exit(0);
        server.followBreaksAfter = 7;
        var lines = lines(new LogOptions().follow());
        assertThat(lines).hasSize(21);
        assertThat(server.follows).hasSize(2);
        assertThat(lines.get(7)).endsWith(" 67");
    }

    @Test
    void theServerIsAskedForWhatIsWanted() {
        exit(0);
        var since = Instant.ofEpochSecond(1_700_000_000, 5);
        lines(new LogOptions()
                .tail(10)
                .since(since)
                .until(since.plusSeconds(60))
                .streams(io.tailrace.client.StandardStream.STDERR));
        lines(new LogOptions().follow());
        var request = server.follows.getFirst();
        assertThat(request.getLines()).isEqualTo(10);
        assertThat(request.getSince().getSeconds()).isEqualTo(1_700_000_000);
        assertThat(request.getSince().getNanos()).isEqualTo(5);
        assertThat(request.getUntil().getSeconds()).isEqualTo(1_700_000_060);
        assertThat(request.getKindsList()).containsExactly(RecordKind.RECORD_KIND_OUTPUT);
        assertThat(request.getStreamsList()).containsExactly(StandardStream.STANDARD_STREAM_STDERR);
        assertThat(request.getEnd()).isEqualTo(FollowEnd.FOLLOW_END_NOW);
        assertThat(server.follows.get(1).getEnd()).isEqualTo(FollowEnd.FOLLOW_END_EXIT);
        assertThat(server.follows.get(1).getFromCase()).isEqualTo(FollowRequest.FromCase.FROM_NOT_SET);
    }

    @Test
    void aLineThatIsTooLongComesInPieces() {
        for (int i = 0; i < 17; i++) {
            out("x".repeat(65_536));
        }
        out("\nlast");
        exit(0);
        try (var logs = container.logs(new LogOptions().follow());
                var lines = logs.stream()) {
            assertThat(lines.map(line -> line.data().remaining())).containsExactly(Logs.LINE_BYTES_MAX, 65_536, 4);
        }
    }

    @Test
    void aGapEndsALineAndIsCounted() {
        out("cut");
        server.timeline.add(Record.newBuilder()
                .setSequence(next())
                .setCursor(Long.toString(next()))
                .setGap(Gap.newBuilder()
                        .setLastSequence(next())
                        .setReason("dropped")
                        .setStdoutFrom(3)
                        .setStdoutTo(9))
                .build());
        server.timeline.add(Scripts.output(next(), StandardStream.STANDARD_STREAM_STDOUT, 9, "off\n".getBytes(UTF_8)));
        try (var logs = container.logs()) {
            assertThat(logs.next().orElseThrow().text()).isEqualTo("cut");
            assertThat(logs.next().orElseThrow().text()).isEqualTo("off");
            assertThat(logs.next()).isEmpty();
            assertThat(logs.gaps()).isEqualTo(1);
        }
        assertThatThrownBy(() -> container.result())
                .isInstanceOfSatisfying(
                        TailraceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INCOMPLETE))
                .hasMessageContaining("dropped");
    }

    @Test
    void aResultIsAllThatWasWrittenAndTheExit() {
        out("out");
        err("err\n");
        out("put\n");
        exit(3);
        var result = container.result();
        assertThat(result.exitCode()).isEqualTo(3);
        assertThat(result.status().isSuccess()).isFalse();
        assertThat(result.stdoutText()).isEqualTo("output\n");
        assertThat(result.stderr()).isEqualTo("err\n".getBytes(UTF_8));
    }

    @Test
    void aResultHasABoundThatItsFailureNames() {
        out("12345");
        err("67890");
        exit(0);
        assertThat(container.result(10).stdoutText()).isEqualTo("12345");
        assertThatThrownBy(() -> container.result(9))
                .isInstanceOfSatisfying(
                        TailraceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED))
                .hasMessageContaining("output: 10 bytes and more (expected: at most 9; ");
        assertThatThrownBy(() -> container.result(-1)).hasMessageContaining("outputBytesMax: -1 (expected: 0 to ");
    }
}
