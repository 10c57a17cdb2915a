package io.tailrace.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class FormsTest {
    private final Report report = Samples.report();

    @Test
    void theJsonOfARunMakesTheSameReportAgain() throws IOException {
        assertThat(Report.ofJson(report.toJson())).isEqualTo(report);
    }

    @Test
    void theJsonHasTheShapeThatIsDocumented() throws IOException {
        JsonNode json = new ObjectMapper().readTree(report.toJson());
        assertThat(json.fieldNames())
                .toIterable()
                .containsExactly("format", "date", "commit", "machine", "rounds", "bytes", "comparisons");
        JsonNode start = json.get("comparisons").get(0);
        assertThat(start.fieldNames())
                .toIterable()
                .containsExactly("name", "title", "method", "metrics", "baselines", "entries", "verdicts");
        JsonNode entry = start.get("entries").get(0);
        assertThat(entry.fieldNames())
                .toIterable()
                .containsExactly("contestant", "role", "series", "followers", "measured", "distribution", "failure");
        assertThat(entry.at("/measured/time/median").asDouble()).isEqualTo(25);
        assertThat(entry.at("/measured/time/values").size()).isEqualTo(3);
        assertThat(entry.at("/measured/time/ratios").get("docker | run").asDouble())
                .isEqualTo(0.25);
        JsonNode verdict = start.get("verdicts").get(0);
        assertThat(verdict.fieldNames()).toIterable().containsExactly("aim", "figure", "isReached");
        assertThat(verdict.at("/aim/bound").asText()).isEqualTo("AT_MOST");
        assertThat(verdict.get("isReached").asBoolean()).isTrue();
        assertThat(start.get("verdicts").get(1).get("figure").isNull()).isTrue();
        assertThat(report.toJson()).doesNotContain("NaN");
    }

    @Test
    void aFileThatIsNoReportIsRefused() {
        assertThatThrownBy(() -> Report.ofJson("{\"format\":99}"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("99");
        assertThatThrownBy(() -> Report.ofJson("nonsense")).isInstanceOf(IOException.class);
    }

    @Test
    void theTextSaysOfEveryAimWhetherItIsReachedAndByWhichFigure() {
        assertThat(TextReport.of(report))
                .contains("tailrace, time: at most 0.30 x docker | run: reached (0.25)")
                .contains("gone, time: at most 10 ms: not measured")
                .contains("gone failed: no <such> thing & more")
                .contains("commit           0123456789");
    }

    @Test
    void theTableOfTheTextIsAligned() {
        List<String> rows = TextReport.of(report)
                .lines()
                .filter(line -> line.startsWith("  follower of kind"))
                .toList();
        assertThat(rows).hasSize(6);
        assertThat(rows.stream().map(String::length).distinct()).hasSize(1);
    }

    @Test
    void aBarInANameDoesNotBreakTheMarkdown() {
        List<String> rows = MarkdownReport.of(report)
                .lines()
                .filter(line -> line.contains("docker \\| run") && line.startsWith("| docker"))
                .toList();
        assertThat(rows).containsExactly("| docker \\| run | 100.0 | 1.00 |");
    }

    @Test
    void everyTableOfTheMarkdownHasAsManyCellsInEachRow() {
        String[] tables = MarkdownReport.of(report).split("\n\n");
        assertThat(Arrays.stream(tables).filter(table -> table.startsWith("|")))
                .hasSize(4)
                .allSatisfy(table -> assertThat(table.lines()
                                .map(row -> row.replace("\\|", "")
                                        .chars()
                                        .filter(c -> c == '|')
                                        .count())
                                .distinct())
                        .hasSize(1));
    }

    @Test
    void numbersAreWrittenAlikeInEveryCountry() throws IOException {
        Locale before = Locale.getDefault();
        String text = TextReport.of(report) + HtmlReport.of(report) + MarkdownReport.of(report) + report.toJson();
        try {
            Locale.setDefault(Locale.GERMANY);
            assertThat(TextReport.of(report) + HtmlReport.of(report) + MarkdownReport.of(report) + report.toJson())
                    .isEqualTo(text);
        } finally {
            Locale.setDefault(before);
        }
    }
}
