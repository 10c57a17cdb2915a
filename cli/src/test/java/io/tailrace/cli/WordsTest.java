package io.tailrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WordsTest {
    @ParameterizedTest
    @CsvSource({"0, 0 B", "1023, 1023 B", "1536, 1.50 KiB", "10485760, 10.0 MiB", "1099511627776, 1.00 TiB"})
    void sizes(long bytes, String expected) {
        assertThat(Words.bytes(bytes)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "0, Less than a second",
        "1, 1 second",
        "90, 90 seconds",
        "150, 2 minutes",
        "7300, 2 hours",
        "200000, 2 days"
    })
    void ages(long seconds, String expected) {
        assertThat(Words.age(Duration.ofSeconds(seconds))).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"30, 30000", "1m30s, 90000", "500ms, 500", "1.5s, 1500", "2h, 7200000"})
    void timeSpans(String text, long millis) {
        assertThat(Words.duration("timeout", text)).isEqualTo(Duration.ofMillis(millis));
    }

    @Test
    void aTimeSpanThatIsNoneIsRefused() {
        assertThatThrownBy(() -> Words.duration("timeout", "soon")).hasMessageContaining("timeout: \"soon\" (expected");
    }
}
