package io.tailrace.engine;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Counts how many steps a regular expression of RE2 has when its counted repetitions are written out, as compiling it does:
 * {@code (ab{3}){10}} has 40. Reads just enough of the syntax for that, and counts too many rather than too few.
 */
final class RepeatedSteps {
    private static final Pattern REPETITION = Pattern.compile("\\{(\\d{1,9})(?:(,)(\\d{0,9}))?\\}");
    /** More than anybody wants to know. */
    private static final long COUNT_MAX = 1L << 40;

    private final String text;
    /** What the groups around the place have had so far. */
    private final Deque<Long> outer = new ArrayDeque<>();

    private long steps;
    /** Of the part that a repetition would repeat. */
    private long last;

    private int at;

    private RepeatedSteps(String text) {
        this.text = text;
    }

    static long of(String text) {
        return new RepeatedSteps(text).count();
    }

    private long count() {
        Matcher repetition = REPETITION.matcher(text);
        while (at < text.length()) {
            char next = text.charAt(at);
            switch (next) {
                case '(' -> begin();
                case ')' -> end();
                case '[' -> skipClass();
                case '\\' -> escape();
                case '{' -> {
                    if (repetition.region(at, text.length()).lookingAt()) {
                        repeat(repetition);
                        at = repetition.end();
                    } else {
                        step();
                    }
                }
                default -> step();
            }
        }
        for (long group : outer) {
            steps = Math.min(COUNT_MAX, steps + group);
        }
        return steps;
    }

    private void step() {
        at++;
        last = 1;
        steps = Math.min(COUNT_MAX, steps + 1);
    }

    private void begin() {
        outer.push(steps);
        steps = 1;
        last = 1;
        at++;
    }

    private void end() {
        last = steps;
        steps = Math.min(COUNT_MAX, steps + (outer.isEmpty() ? 0 : outer.pop()));
        at++;
    }

    private void repeat(Matcher repetition) {
        long least = Long.parseLong(repetition.group(1));
        String most = repetition.group(3);
        long times = Math.max(1, Math.max(least, most == null || most.isEmpty() ? least + 1 : Long.parseLong(most)));
        long repeated = Math.min(COUNT_MAX, last * Math.min(times, COUNT_MAX / Math.max(1, last)));
        steps = Math.min(COUNT_MAX, steps - Math.min(steps, last) + repeated);
        last = repeated;
    }

    /** A class is one step, whatever is in it. */
    private void skipClass() {
        step();
        skip("^");
        skip("]"); // the first is one of its characters
        while (at < text.length() && text.charAt(at) != ']') {
            int named = text.startsWith("[:", at) ? text.indexOf(":]", at + 2) : -1;
            at = named >= 0 ? named + 2 : text.charAt(at) == '\\' ? at + 2 : at + 1;
        }
        at++;
    }

    private void skip(String prefix) {
        at += text.startsWith(prefix, at) ? prefix.length() : 0;
    }

    private void escape() {
        char kind = at + 1 < text.length() ? text.charAt(at + 1) : '\\';
        step();
        at++;
        if (kind == 'Q') {
            int end = text.indexOf("\\E", at);
            int literal = (end < 0 ? text.length() : end) - at;
            steps = Math.min(COUNT_MAX, steps + literal);
            at = end < 0 ? text.length() : end + 2;
            return;
        }
        boolean isNamed = "xpP".indexOf(kind) >= 0 && at < text.length() && text.charAt(at) == '{';
        if (isNamed) {
            int end = text.indexOf('}', at);
            at = end < 0 ? text.length() : end + 1;
        }
    }
}
