package io.tailrace.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A reader in another language, written from the description of the format, reads what we write. */
@Timeout(120)
class FormatTest {
    @TempDir
    private Path directory;

    @Test
    void aReaderWrittenFromTheDescriptionSeesTheSameRecords() throws Exception {
        var seed = System.nanoTime();
        var random = new Random(seed);
        List<TimelineRecord> records;
        try (var timeline = Timeline.create(directory, Configs.withSmallSegments())) {
            timeline.appendState("running", Map.of("naïve", "ünï", "empty", ""));
            for (int i = 0; i < 400; i++) {
                var data = new byte[1 + random.nextInt(2_000)];
                random.nextBytes(data);
                timeline.appendOutput(
                        random.nextBoolean() ? StdStream.STDOUT : StdStream.STDERR, ByteBuffer.wrap(data));
            }
            timeline.appendHealth("unhealthy", -1, 5, Records.bytes("no"));
            timeline.appendMessage("topic", Records.bytes("hello"));
            timeline.appendGap("lost", StdStream.STDOUT, 77);
            timeline.appendOutput(StdStream.STDOUT, Records.bytes("end"));
            timeline.appendExit(ExitReason.STOPPED, 143, 15, "bye");
            records = Records.all(timeline);
        }
        var lines = readByPython();
        assertThat(lines).as("seed %d", seed).hasSize(records.size());
        for (int i = 0; i < lines.size(); i++) {
            assertThat(lines.get(i))
                    .as("seed %d", seed)
                    .contains("\"sequence\": %d, \"time\": %d, \"kind\": \"%s\""
                            .formatted(
                                    i + 1,
                                    records.get(i).timestampNanos(),
                                    records.get(i).getClass().getSimpleName()));
            if (records.get(i) instanceof TimelineRecord.Output output) {
                assertThat(lines.get(i)).contains(HexFormat.of().formatHex(Records.bytes(output.data())));
            }
        }
    }

    private List<String> readByPython() throws IOException, InterruptedException, URISyntaxException {
        var script = Path.of(Objects.requireNonNull(FormatTest.class.getResource("/read_timeline.py"))
                .toURI());
        Process process;
        try {
            process = new ProcessBuilder("python3", script.toString(), directory.toString())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
        } catch (IOException e) {
            assumeTrue(false, "no python3");
            throw e;
        }
        var output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).isZero();
        return output.lines().toList();
    }
}
