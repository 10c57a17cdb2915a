package io.tailrace.bench.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * What a run found; its JSON form is documented in docs/performance.md.
 *
 * @param format of the JSON: {@link #FORMAT}
 * @param date when it began, ISO 8601 in UTC
 * @param commit of the sources that were built, with {@code -dirty} behind it if they were changed; empty if unknown
 * @param machine what it was measured on
 * @param rounds how often each contestant was measured
 * @param bytes of output in each transfer of live and replay
 * @param comparisons in the order in which they were measured
 */
public record Report(
        int format,
        String date,
        String commit,
        Map<String, String> machine,
        int rounds,
        long bytes,
        List<Result> comparisons) {
    /** Grows when a field changes its meaning or goes; not when one is added. */
    public static final int FORMAT = 1;

    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            // What can be asked of a record is not a field of it.
            .disable(MapperFeature.AUTO_DETECT_IS_GETTERS)
            .build()
            .setDefaultPropertyInclusion(JsonInclude.Include.ALWAYS);

    /** For programs: one JSON object. */
    public String toJson() throws IOException {
        return JSON.writeValueAsString(this);
    }

    /** Reads what {@link #toJson} wrote. */
    public static Report ofJson(String json) throws IOException {
        Report report;
        try {
            report = JSON.readValue(json, Report.class);
        } catch (JsonProcessingException e) {
            throw new IOException("not a report: " + e.getOriginalMessage(), e);
        }
        if (report.format() != FORMAT) {
            throw new IOException("format: %d (expected: %d)".formatted(report.format(), FORMAT));
        }
        return report;
    }

    /** Whether all contestants did what was measured. */
    public boolean isComplete() {
        return comparisons.stream().allMatch(Result::isComplete);
    }
}
