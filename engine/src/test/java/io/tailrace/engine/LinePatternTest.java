package io.tailrace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class LinePatternTest {
    private static final String[] PARTS = {
        "a",
        "b",
        ".",
        "\\d",
        "\\pL",
        "\\p{Greek}",
        "\\x{41}",
        "\\Q(\\E",
        "\\Qab",
        "[",
        "]",
        "[^",
        "[]",
        "[[:alpha:]",
        "(",
        ")",
        "(?:",
        "(?i)",
        "|",
        "{2}",
        "{3,}",
        "{2,9}",
        "{0,30}",
        "{",
        "}",
        "*",
        "+?",
        "?",
        "\\(",
        "\\[",
        "\\]",
        "^",
        "$",
        "\\"
    };

    @ParameterizedTest
    @CsvSource({"a, 1", "a{3}, 3", "(ab{3}){10}, 40", "'a{2,5}b', 6", "a{4}{5}, 20", "[]({9}]{7}, 7", "\\Q({9}\\E{2}, 5"
    })
    void stepsAreCountedAsTheyAreWrittenOut(String pattern, long least) {
        assertThat(RepeatedSteps.of(pattern)).isBetween(least, least * 2 + 10);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "((a{100}){100}){100}",
                "((((a{10}){10}){10}){10}){10}",
                "(a{1000}){1000}",
                "(((x{9}[](]){9}[](]){9}[](]){9}",
                "(\\Q)\\Ea{100}b){100}",
                "((a{0,30}){0,30}){0,30}",
                "(a*){1000}"
            })
    void aPatternThatWouldGrowIsRefusedBeforeItIsCompiled(String pattern) {
        assertThatThrownBy(() -> LinePattern.parse(pattern))
                .isInstanceOf(EngineException.class)
                .hasMessageContaining("pattern: ")
                .hasMessageContaining("(expected: at most 1000 steps");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "(", "[a", "a**", "(?=a)", "\\1", "(?<x", "a{2}{2}{2", "\\p{Klingon}"})
    void whatIsNoPatternIsRefusedByName(String pattern) {
        // RE2 takes what looks like a cut repetition for its characters.
        if (pattern.equals("a{2}{2}{2")) {
            assertThatThrownBy(() -> LinePattern.parse(pattern)).hasMessageContaining("expected: a regular expression");
            return;
        }
        assertThatThrownBy(() -> LinePattern.parse(pattern))
                .isInstanceOf(EngineException.class)
                .hasMessageContaining("pattern: ")
                .hasMessageContaining("(expected: ");
    }

    @Test
    void aPatternThatIsTooLongIsRefused() {
        assertThatThrownBy(() -> LinePattern.parse("a".repeat(1_001)))
                .hasMessageContaining("pattern length: 1001 (expected: at most 1000)");
    }

    @ParameterizedTest
    @CsvSource({
        "ready, the server is ready now, true",
        "^ready$, ready now, false",
        "(?i)READY, ready, true",
        "\\d{4}-\\d{2}-\\d{2} \\d{2}:\\d{2}:\\d{2}\\.\\d{9} started in [0-9.]+s, 2025-01-31 12:00:00.123456789 started in 3.5s, true",
        "port (\\d+), port 8080, true",
        "ü.\\pL, üß€é, false"
    })
    void aPatternIsFoundAnywhere(String pattern, String line, boolean isFound) {
        assertThat(LinePattern.parse(pattern).isFoundIn(line)).isEqualTo(isFound);
    }

    @Test
    void noPatternThatIsTakenHasALargeProgram() {
        long seed = Long.getLong("tailrace.seed", System.nanoTime());
        Random random = new Random(seed);
        int taken = 0;
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int parts = 1 + random.nextInt(14); parts > 0; parts--) {
                text.append(PARTS[random.nextInt(PARTS.length)]);
            }
            String pattern = text.toString();
            if (RepeatedSteps.of(pattern) > 1_000) {
                continue;
            }
            try {
                assertThat(Pattern.compile(pattern).programSize())
                        .as("seed %d, pattern %s", seed, pattern)
                        .isLessThan(20_000);
                taken++;
            } catch (PatternSyntaxException e) {
                // It is none.
            }
        }
        assertThat(taken).isGreaterThan(1_000);
    }
}
