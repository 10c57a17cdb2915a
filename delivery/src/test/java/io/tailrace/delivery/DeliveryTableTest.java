package io.tailrace.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeliveryTableTest {
    private static final Row KEPT = new Row("5", "the server is killed", 10, 123_456, 0, 0, 0, Row.KEPT, "");
    private static final Row BROKEN = new Row("1, 2", "a line is missing", 1, 10, 5, 0, 0, Row.BROKEN, "p99 3 ms");

    @TempDir
    Path directory;

    @Test
    void rowsComeBackAsTheyWereWrittenInTheOrderOfThePromises() throws IOException {
        Files.writeString(directory.resolve("a.row"), KEPT.line() + "\n");
        Files.writeString(directory.resolve("b.row"), BROKEN.line() + "\n");
        assertThat(DeliveryTable.read(directory)).containsExactly(BROKEN, KEPT);
    }

    @Test
    void noDirectoryHasNoRows() throws IOException {
        assertThat(DeliveryTable.read(directory.resolve("missing"))).isEmpty();
    }

    @Test
    void theTableShowsEveryRowAndCountsTheBroken() {
        assertThat(DeliveryTable.text(List.of(BROKEN, KEPT)).lines())
                .hasSize(4)
                .anyMatch(line -> line.contains("a line is missing") && line.contains("BROKEN"))
                .anyMatch(line -> line.contains("123,456") && line.contains("kept"))
                .last()
                .asString()
                .isEqualTo("11 attempts in 2 tests, 123,466 bytes compared: 1 kept, 1 broken");
    }
}
