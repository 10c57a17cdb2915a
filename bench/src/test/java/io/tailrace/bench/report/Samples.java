package io.tailrace.bench.report;

import io.tailrace.bench.report.Entry.Role;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** Reports as runs leave them, with names that a careless form would break on. */
final class Samples {
    static final Metric TIME = Metric.less("time", "time", "ms", 1);
    static final Metric THROUGHPUT = Metric.more("throughput", "throughput", "MB/s", 0);

    private Samples() {}

    static Result.Raw raw(String contestant, Role role, Metric metric, Double... values) {
        return new Result.Raw(contestant, role, "", 0, Map.of(metric.name(), List.of(values)), List.of(), "");
    }

    static Result.Raw failed(String contestant, String failure) {
        return new Result.Raw(contestant, Role.BESIDE, "", 0, Map.of(), List.of(), failure);
    }

    static Result start() {
        return Result.of(
                "start",
                "Start <now> & here",
                "Started. \"Quoted\".",
                List.of(TIME),
                List.of("docker | run"),
                List.of(Aim.atMost(0.3, "tailrace", "time", "docker | run"), Aim.atMostAbsolute(10, "gone", "time")),
                List.of(
                        raw("tailrace", Role.TAILRACE, TIME, 20.0, 30.0, 25.0),
                        raw("docker | run", Role.BESIDE, TIME, 100.0, 100.0, 100.0),
                        failed("gone", "no <such> thing & more")));
    }

    static Result fanOut() {
        List<Result.Raw> raws = new ArrayList<>();
        for (int followers : List.of(1, 10, 100, 1_000)) {
            for (String series : List.of("tailrace", "docker attach")) {
                double value = series.equals("tailrace") ? 100.0 * followers : 50.0 * Math.sqrt(followers);
                raws.add(new Result.Raw(
                        series + ", " + followers,
                        series.equals("tailrace") ? Role.TAILRACE : Role.BESIDE,
                        series,
                        followers,
                        Map.of("throughput", List.of(value, value, value)),
                        List.of(),
                        ""));
            }
        }
        return Result.of("fanout", "Fan-out", "Many.", List.of(THROUGHPUT), List.of("docker attach"), List.of(), raws);
    }

    static Result latency() {
        List<Result.Raw> raws = new ArrayList<>();
        for (int i = 1; i <= 6; i++) {
            List<Long> nanos =
                    LongStream.rangeClosed(1, 900).mapToObj(n -> n * n * 1_000).toList();
            Role role = i < 4 ? Role.TAILRACE : i < 6 ? Role.BESIDE : Role.LIMIT;
            raws.add(new Result.Raw("follower of kind " + i, role, "", 0, Map.of("time", List.of(0.5 * i)), nanos, ""));
        }
        return Result.of("latency", "Latency", "Paced.", List.of(TIME), List.of(), List.of(), raws);
    }

    static Report report() {
        Map<String, String> machine = new LinkedHashMap<>();
        machine.put("processors", "2 x <fast> & cheap");
        return new Report(
                Report.FORMAT,
                "2025-01-02T03:04:05Z",
                "0123456789",
                machine,
                3,
                200 << 20,
                List.of(start(), fanOut(), latency()));
    }
}
