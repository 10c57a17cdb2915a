package io.tailrace.runtime.containerd;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The default system call filter, read from {@code seccomp.txt}, whose head explains the format. */
final class Seccomp {
    private static final Pattern ARGUMENT = Pattern.compile("arg(\\d)(&(\\d+))?(!?=)(\\d+)");
    private static final List<Rule> RULES = read();

    private Seccomp() {}

    private record Rule(String action, int errno, List<String> conditions, List<String> names) {}

    /** The {@code linux.seccomp} of an OCI spec for a process that has these capabilities. */
    static Map<String, Object> filter(Set<String> capabilities, String architecture) {
        List<Object> calls = new ArrayList<>();
        for (Rule rule : RULES) {
            if (rule.conditions().stream().allMatch(condition -> isMet(condition, capabilities, architecture))) {
                calls.add(callsOf(rule));
            }
        }
        Map<String, Object> filter = new LinkedHashMap<>();
        filter.put("defaultAction", "SCMP_ACT_ERRNO");
        filter.put("defaultErrnoRet", 1);
        filter.put("architectures", architectures(architecture));
        filter.put("syscalls", calls);
        return filter;
    }

    /** The machine's architecture, as images name it. */
    static String architecture() {
        String name = System.getProperty("os.arch", "");
        return name.equals("aarch64") ? "arm64" : name.equals("x86_64") ? "amd64" : name;
    }

    private static List<String> architectures(String architecture) {
        return switch (architecture) {
            // Each architecture is a third of what runc takes to compile the filter, at every start.
            case "amd64" ->
                KernelConfiguration.MAY_HAVE_X32
                        ? List.of("SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32")
                        : List.of("SCMP_ARCH_X86_64", "SCMP_ARCH_X86");
            case "arm64" -> List.of("SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM");
            default -> List.of();
        };
    }

    private static boolean isMet(String condition, Set<String> capabilities, String architecture) {
        String value = condition.substring(condition.indexOf('=') + 1);
        if (condition.startsWith("arch=")) {
            return value.equals(architecture);
        }
        if (condition.startsWith("with=")) {
            return capabilities.contains(value);
        }
        return !condition.startsWith("without=") || !capabilities.contains(value);
    }

    private static Map<String, Object> callsOf(Rule rule) {
        Map<String, Object> calls = new LinkedHashMap<>();
        calls.put("names", rule.names());
        calls.put("action", rule.action());
        if (rule.errno() != 0) {
            calls.put("errnoRet", rule.errno());
        }
        List<Map<String, Object>> arguments = rule.conditions().stream()
                .map(ARGUMENT::matcher)
                .filter(Matcher::matches)
                .map(Seccomp::argument)
                .toList();
        if (!arguments.isEmpty()) {
            calls.put("args", arguments);
        }
        return calls;
    }

    private static Map<String, Object> argument(Matcher condition) {
        long index = Long.parseLong(condition.group(1));
        long value = Long.parseLong(condition.group(5));
        if (condition.group(3) != null) {
            long mask = Long.parseLong(condition.group(3));
            return Map.of("index", index, "value", mask, "valueTwo", value, "op", "SCMP_CMP_MASKED_EQ");
        }
        String operator = condition.group(4).equals("=") ? "SCMP_CMP_EQ" : "SCMP_CMP_NE";
        return Map.of("index", index, "value", value, "op", operator);
    }

    private static List<Rule> read() {
        try (InputStream resource = Objects.requireNonNull(Seccomp.class.getResourceAsStream("seccomp.txt"))) {
            return parse(new String(resource.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    private static List<Rule> parse(String text) {
        List<Rule> rules = new ArrayList<>();
        for (String line : text.lines().toList()) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            List<String> words = List.of(line.strip().split("\\s+"));
            switch (words.getFirst()) {
                case "allow:" ->
                    rules.add(new Rule("SCMP_ACT_ALLOW", 0, words.subList(1, words.size()), new ArrayList<>()));
                case "errno:" ->
                    rules.add(new Rule(
                            "SCMP_ACT_ERRNO",
                            Integer.parseInt(words.get(1)),
                            words.subList(2, words.size()),
                            new ArrayList<>()));
                default -> rules.getLast().names().addAll(words);
            }
        }
        return List.copyOf(rules);
    }
}
