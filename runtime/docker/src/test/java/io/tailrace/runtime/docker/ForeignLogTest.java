package io.tailrace.runtime.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tailrace.runtime.docker.ScriptedEngine.Reply;
import io.tailrace.runtime.spi.ForeignContainer;
import io.tailrace.runtime.spi.OutputLostException;
import io.tailrace.runtime.spi.ProcessOutput;
import io.tailrace.runtime.spi.RuntimeProcess;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Logs of others' containers that no engine keeps as it should, and what becomes of one that goes while it is read. */
@Timeout(60)
class ForeignLogTest {
    private static final String ID = "f".repeat(64);
    private static final String CONTAINER = "/containers/" + ID + "/json";
    private static final String LOGS = "/containers/" + ID + "/logs";
    private static final String ATTACH = "/containers/" + ID + "/attach";
    private static final Instant WATCHED = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant STARTED = WATCHED.plusSeconds(10);
    private static final String JSON_FILE = "{\"Type\": \"json-file\", \"Config\": {}}";
    private static final String UNREADABLE = "{\"message\": \"configured logging driver does not support reading\"}";

    @TempDir
    Path directory;

    private ScriptedEngine engine;
    private DockerRuntime runtime;

    @BeforeEach
    void connect() throws IOException {
        Path socket = directory.resolve("engine.sock");
        engine = new ScriptedEngine(socket);
        setTime(WATCHED);
        setContainer(true, JSON_FILE);
        runtime = DockerRuntime.connect(new DockerConfig(socket.toString(), directory.resolve("data"), true));
    }

    @AfterEach
    void close() throws IOException {
        runtime.close();
        engine.close();
    }

    private void setTime(Instant now) {
        engine.say("/info", "{\"SystemTime\": \"%s\", \"DockerRootDir\": \"/\"}".formatted(now));
    }

    /** Has the engine say how the one container is. @param log its driver and the options of that */
    private void setContainer(boolean isRunning, String log) {
        engine.say(CONTAINER, """
                {"Id": "%1$s", "Created": "%2$s", "Path": "sh", "Args": [], "Name": "/web", "Image": "sha256:%1$s",
                 "State": {"Status": "%3$s", "Running": %4$b, "Pid": 42, "ExitCode": 0,
                           "StartedAt": "%2$s", "FinishedAt": "%5$s"},
                 "Config": {"Image": "busybox", "Tty": false, "Labels": {}},
                 "HostConfig": {"NetworkMode": "none", "LogConfig": %6$s}}
                """.formatted(
                        ID,
                        STARTED,
                        isRunning ? "running" : "exited",
                        isRunning,
                        isRunning ? "0001-01-01T00:00:00Z" : STARTED.plusSeconds(60),
                        log));
    }

    private ForeignContainer look() {
        return runtime.foreign().orElseThrow().look(ID).orElseThrow();
    }

    private RuntimeProcess begun() {
        RuntimeProcess process = runtime.recover(look().handle()).prepareBegun();
        process.start();
        return process;
    }

    private static InputStream from(ProcessOutput output) throws IOException {
        return Channels.newInputStream(((ProcessOutput.Kept) output).source().open(0));
    }

    private static String read(InputStream in, int bytes) throws IOException {
        return new String(in.readNBytes(bytes), StandardCharsets.UTF_8);
    }

    /** The container's process ends, and the engine says so. */
    private void die(int exitCode, Instant at) throws IOException {
        engine.tell("""
                {"Action": "die", "Actor": {"ID": "%s", "Attributes": {"exitCode": "%d"}}, "timeNano": %d}
                """.formatted(ID, exitCode, LogMessages.nanos(at)));
    }

    /** A message, as the engine sends those of a log. */
    private static byte[] message(Instant at, String text) {
        return frame(FrameHeader.STDOUT, "%s %s".formatted(at, text));
    }

    private static byte[] frame(int stream, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(FrameHeader.BYTES + bytes.length)
                .put((byte) stream)
                .position(FrameHeader.BYTES - Integer.BYTES)
                .putInt(bytes.length)
                .put(bytes)
                .array();
    }

    private static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    private static String since(Instant at) {
        return "since=" + LogMessages.text(LogMessages.nanos(at));
    }

    private static String until(Instant at) {
        return "until=" + LogMessages.text(LogMessages.nanos(at));
    }

    /** Answers requests for stdout; stderr has nothing. */
    private void answerStdout(Function<String, Reply> answer) {
        engine.answer(
                LOGS,
                query -> query.startsWith("stdout=1")
                        ? answer.apply(query)
                        : new Reply(200, new byte[0], query.contains("follow=1")));
    }

    @Test
    void aDamagedMessageIsTriedForEverOrNotToldByAGap() throws Exception {
        Instant damaged = STARTED.plusSeconds(1);
        Instant now = STARTED.plusSeconds(20);
        Instant later = STARTED.plusSeconds(30);
        byte[] good = message(damaged, "first\n");
        byte[] bad = frame(FrameHeader.FAILURE, "Error grabbing logs: invalid character 'g'");
        answerStdout(query -> {
            if (query.contains(since(now)) || query.contains(since(later))) {
                return new Reply(200, message(later, "after\n"), query.contains("follow=1"));
            }
            return new Reply(200, joined(good, bad), false);
        });
        RuntimeProcess process = begun();
        setTime(now);
        InputStream out = from(process.stdout());
        assertThat(read(out, 6)).isEqualTo("first\n");
        assertThatThrownBy(out::read)
                .isInstanceOf(OutputLostException.class)
                .hasMessageContaining("invalid character 'g'");
        assertThat(engine.queries(LOGS).stream().filter(query -> query.startsWith("stdout=1")))
                .as("how often it was tried")
                .hasSizeBetween(3, 15);
        assertThat(read(out, 6)).isEqualTo("after\n");
        die(0, STARTED.plusSeconds(40));
        assertThat(out.read()).isEqualTo(-1);
        process.delete();
    }

    @Test
    void aLogThatIsDamagedToItsEndHasNoEnd() throws Exception {
        answerStdout(query -> new Reply(200, frame(FrameHeader.STDOUT, "no time\n"), false));
        RuntimeProcess process = begun();
        setContainer(false, JSON_FILE);
        InputStream out = from(process.stdout());
        assertThatThrownBy(out::read).isInstanceOf(OutputLostException.class).hasMessageContaining("expected: a time");
        assertThat(out.read()).isEqualTo(-1);
        assertThat(process.exit().get(10, TimeUnit.SECONDS).exitCode()).isZero();
        process.delete();
    }

    @Test
    void theLogOfTheRunThatFollowsIsTakenForThisOnes() throws Exception {
        Instant end = STARTED.plusSeconds(5);
        byte[] first = message(STARTED.plusSeconds(1), "one\n");
        answerStdout(query -> query.contains("follow=1")
                ? new Reply(200, first, true)
                : new Reply(200, joined(first, message(end, "two\n"), message(end.plusNanos(1), "next run\n")), false));
        RuntimeProcess process = begun();
        InputStream out = from(process.stdout());
        assertThat(read(out, 4)).isEqualTo("one\n");
        die(3, end);
        assertThat(new String(out.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("two\n");
        assertThat(engine.queries(LOGS)).anyMatch(query -> query.contains("follow=0") && query.endsWith(until(end)));
        assertThat(process.exit().get(10, TimeUnit.SECONDS).exitCode()).isEqualTo(3);
        process.delete();
    }

    @Test
    void aDriverWhoseCopyIsSwitchedOffIsNotAttachedOrNotToldByAGap() throws Exception {
        setContainer(true, "{\"Type\": \"local\", \"Config\": {\"cache-disabled\": \"true\"}}");
        assertThat(look().waitsForReader())
                .as("a driver that can be read by itself")
                .isFalse();
        setContainer(true, "{\"Type\": \"syslog\", \"Config\": {\"cache-disabled\": \"false\"}}");
        assertThat(look().waitsForReader()).as("a driver with a copy").isFalse();
        setContainer(true, "{\"Type\": \"syslog\", \"Config\": {\"cache-disabled\": \"true\"}}");
        assertThat(look().waitsForReader()).isTrue();
        engine.answer(LOGS, query -> new Reply(501, UNREADABLE.getBytes(StandardCharsets.UTF_8), false));
        engine.answer(ATTACH, query -> new Reply(101, frame(FrameHeader.STDOUT, "live\n"), true));
        RuntimeProcess process = begun();
        InputStream out = from(process.stdout());
        assertThatThrownBy(out::read)
                .isInstanceOf(OutputLostException.class)
                .hasMessageContaining("does not support reading");
        assertThat(read(out, 5)).isEqualTo("live\n");
        assertThat(engine.queries(ATTACH)).containsExactly("stream=1&stdout=1");
        die(0, STARTED.plusSeconds(5));
        process.exit().get(10, TimeUnit.SECONDS);
        process.delete();
    }

    @Test
    void whatWasWrittenDownOfOneThatIsGoneStaysForEver() throws Exception {
        Path files = directory.resolve("data/docker").resolve(ID);
        answerStdout(query -> new Reply(200, message(STARTED, "some\n"), query.contains("follow=1")));
        RuntimeProcess process = begun();
        assertThat(read(from(process.stdout()), 5)).isEqualTo("some\n");
        assertThat(files.resolve("run.json")).exists();
        engine.forget(CONTAINER);
        engine.forget(LOGS);
        assertThat(runtime.foreign().orElseThrow().look(ID)).isEmpty();
        assertThat(files.resolve("run.json"))
                .as("of a run that may be recorded")
                .exists();
        die(137, STARTED.plusSeconds(5));
        assertThat(process.exit().get(10, TimeUnit.SECONDS).exitCode()).isEqualTo(137);
        process.delete();
        assertThat(Files.exists(files)).isFalse();
        assertThat(runtime.foreign().orElseThrow().look(ID)).isEmpty();
        assertThat(Files.exists(files)).isFalse();
    }
}
