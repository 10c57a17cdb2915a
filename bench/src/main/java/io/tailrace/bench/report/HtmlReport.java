package io.tailrace.bench.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A report as one page that needs nothing else: no script, no font, no network. It is well-formed XML as well. */
public final class HtmlReport {
    private static final String STYLE_SHEET = "report.css";

    private final StringBuilder page = new StringBuilder();
    private final Report report;

    private HtmlReport(Report report) {
        this.report = report;
    }

    /** The page. */
    public static String of(Report report) {
        return new HtmlReport(report).page();
    }

    private String page() {
        line("<!DOCTYPE html>");
        line("<html lang=\"en\"><head><meta charset=\"utf-8\"/>");
        line("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>");
        line("<meta name=\"color-scheme\" content=\"light dark\"/>");
        line("<title>Tailrace, measured</title>");
        line("<style>" + styleSheet() + "</style></head><body><main>");
        line("<h1>Tailrace, measured</h1>");
        paragraph(
                "lead",
                "Tailrace runs containers, records everything that they write, and delivers it to any number of followers."
                        + " Here it stands beside what one would use instead (Docker, containerd's own ctr) and beside what"
                        + " no program can do better (a plain pipe, a plain file, plain TCP), all on one machine.");
        paragraph(
                "",
                "Every contestant is measured once in every round, in turn, after warm-ups that do not count; a number is"
                        + " the median over the rounds, and a ratio is the median of the ratios within each round, so that what"
                        + " slows the machine for a while slows all of them. Every transfer is counted, and one that does not"
                        + " bring every byte is a failure; absolute numbers say as much about the machine as about the programs.");
        paragraph(
                "key",
                null,
                "<span class=\"swatch tailrace\"></span> Tailrace &#160; <span class=\"swatch beside\"></span> instead of it"
                        + " &#160; <span class=\"swatch limit\"></span> the limit");
        aims();
        report.comparisons().forEach(this::section);
        machine();
        line("</main></body></html>");
        return page.toString();
    }

    private void aims() {
        if (report.comparisons().stream().allMatch(result -> result.verdicts().isEmpty())) {
            return;
        }
        line("<section><h2>What was aimed at</h2><div class=\"scroll\"><table><thead><tr><th>comparison</th>"
                + "<th>aim</th><th class=\"number\">figure</th><th>outcome</th></tr></thead><tbody>");
        for (Result result : report.comparisons()) {
            for (Verdict verdict : result.verdicts()) {
                String outcome = verdict.figure() == null ? "unknown" : verdict.isReached() ? "good" : "bad";
                line(
                        "<tr><td><a href=\"#%s\">%s</a></td><td>%s</td><td class=\"number\">%s</td><td class=\"%s\">%s</td></tr>"
                                .formatted(
                                        Xml.escape(result.name()),
                                        Xml.escape(result.name()),
                                        Xml.escape(Tables.aim(result, verdict)),
                                        Xml.escape(verdict.figureWords(Tables.metric(result, verdict.aim()))),
                                        outcome,
                                        (verdict.isReached() ? "&#10003; " : "") + verdict.word()));
            }
        }
        line("</tbody></table></div></section>");
    }

    private void section(Result result) {
        line("<section id=\"%s\"><h2>%s</h2>".formatted(Xml.escape(result.name()), Xml.escape(result.title())));
        paragraph("", result.method());
        boolean isOverFollowers = result.entries().stream().anyMatch(entry -> entry.followers() > 0);
        line(isOverFollowers ? "<div class=\"plots\">" : "<div>");
        for (Metric metric : result.metrics()) {
            figure(
                    metric.title(),
                    isOverFollowers ? Curves.overFollowers(result, metric) : BarChart.of(result, metric));
        }
        line("</div>");
        figure("Distribution over all rounds", Curves.distribution(result));
        table(result);
        result.entries().stream()
                .filter(entry -> !entry.failure().isEmpty())
                .forEach(entry -> paragraph("bad", entry.contestant() + " failed: " + entry.failure()));
        line("</section>");
    }

    private void figure(String caption, String drawing) {
        if (!drawing.isEmpty()) {
            line("<figure><figcaption>%s</figcaption>%s</figure>".formatted(Xml.escape(caption), drawing));
        }
    }

    private void table(Result result) {
        line("<div class=\"scroll\"><table><thead><tr>" + cells("th", Tables.head(result)) + "</tr></thead><tbody>");
        for (Entry entry : result.entries()) {
            line("<tr>" + cells("td", Tables.row(result, entry)) + "</tr>");
        }
        line("</tbody></table></div>");
    }

    private static String cells(String element, List<String> cells) {
        StringBuilder row = new StringBuilder();
        for (int i = 0; i < cells.size(); i++) {
            row.append("<%s%s>%s</%s>"
                    .formatted(element, i == 0 ? "" : " class=\"number\"", Xml.escape(cells.get(i)), element));
        }
        return row.toString();
    }

    private void machine() {
        String rows = report.machine().entrySet().stream()
                .map(fact -> fact(fact.getKey(), fact.getValue()))
                .collect(Collectors.joining());
        line("<section><h2>Where and when</h2><div class=\"scroll\"><table><tbody>");
        line(fact("date", report.date()));
        if (!report.commit().isEmpty()) {
            line(fact("commit", report.commit()));
        }
        line(fact("rounds", Integer.toString(report.rounds())));
        line(rows + "</tbody></table></div>");
        paragraph("", "Measured by tailrace bench; docs/performance.md says how each comparison is made.");
        line("</section>");
    }

    private static String fact(String name, String value) {
        return "<tr><td>%s</td><td>%s</td></tr>".formatted(Xml.escape(name), Xml.escape(value));
    }

    private void paragraph(String style, String text) {
        paragraph(style, text, "");
    }

    private void paragraph(String style, @Nullable String text, String markup) {
        String attribute = style.isEmpty() ? "" : " class=\"" + style + "\"";
        line("<p%s>%s%s</p>".formatted(attribute, text == null ? "" : Xml.escape(text), markup));
    }

    private void line(String text) {
        page.append(text).append('\n');
    }

    private static String styleSheet() {
        try (InputStream stream = HtmlReport.class.getResourceAsStream(STYLE_SHEET)) {
            if (stream == null) {
                throw new IllegalStateException(STYLE_SHEET + ": not on the class path");
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
