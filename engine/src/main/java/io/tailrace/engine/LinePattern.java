package io.tailrace.engine;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;

/**
 * What a line is to match: RE2, found anywhere in it. Matching takes time in proportion to the line and to the pattern's
 * program, which is bounded, so that no pattern and no line keep a thread for long. Immutable and thread-safe.
 */
final class LinePattern {
    private static final int LENGTH_MAX = 1_000;
    /** Instructions; a line of 64 KiB takes a fraction of a second with so many. */
    private static final int PROGRAM_SIZE_MAX = 2_000;
    /** Steps to repeat: the program has some for each. */
    private static final long STEPS_MAX = 1_000;

    private final Pattern pattern;

    private LinePattern(Pattern pattern) {
        this.pattern = pattern;
    }

    /** @throws EngineException INVALID_ARGUMENT if it is none, or too large a one */
    static LinePattern parse(String text) {
        Checks.check(!text.isEmpty(), "pattern", text, "a regular expression (RE2)");
        Checks.check(text.length() <= LENGTH_MAX, "pattern length", text.length(), "at most " + LENGTH_MAX);
        // Before it is compiled: that already writes repetitions out.
        long steps = RepeatedSteps.of(text);
        Checks.check(
                steps <= STEPS_MAX,
                "pattern",
                text,
                "at most %d steps when its repetitions are written out".formatted(STEPS_MAX));
        Pattern pattern;
        try {
            pattern = Pattern.compile(text);
        } catch (PatternSyntaxException e) {
            throw new EngineException(
                    ErrorCode.INVALID_ARGUMENT,
                    "pattern: %s (expected: a regular expression of RE2: %s)"
                            .formatted(Checks.shown(text), e.getDescription()),
                    e);
        }
        Checks.check(
                pattern.programSize() <= PROGRAM_SIZE_MAX,
                "pattern",
                text,
                "one that takes at most %d instructions".formatted(PROGRAM_SIZE_MAX));
        return new LinePattern(pattern);
    }

    boolean isFoundIn(String line) {
        return pattern.matcher(line).find();
    }

    @Override
    public String toString() {
        return Checks.shown(pattern.pattern());
    }
}
