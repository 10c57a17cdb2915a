package io.tailrace.engine;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A signal as users name it: {@code TERM}, {@code SIGTERM}, {@code sigterm}, {@code 15}, {@code RTMIN+1}.
 *
 * @param number 1 to 64, as on Linux
 * @param name with SIG, such as {@code SIGTERM}
 */
public record Signal(int number, String name) {
    /** The highest number. */
    public static final int NUMBER_MAX = 64;

    /** signal(7), x86 and ARM; the index is the number. */
    private static final List<String> NAMES = List.of(
            "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE",
            "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM",
            "PROF", "WINCH", "IO", "PWR", "SYS");
    /** As glibc counts them: the first two real-time signals are its own. */
    private static final int RTMIN = 34;

    private static final int RTMAX = NUMBER_MAX;
    private static final Pattern REAL_TIME = Pattern.compile("RT(MIN|MAX)(?:([+-])([0-9]{1,2}))?");

    /** Asks a process to end. */
    public static final Signal TERM = of(15);
    /** Ends a process. */
    public static final Signal KILL = of(9);

    /**
     * The signal that a text names.
     *
     * @throws EngineException INVALID_ARGUMENT naming the value and what was expected
     */
    public static Signal parse(String text) {
        String upper = text.strip().toUpperCase(Locale.ROOT);
        String bare = upper.startsWith("SIG") ? upper.substring(3) : upper;
        int number = switch (bare) {
            case "" -> 0;
            case "IOT" -> 6;
            case "CLD" -> 17;
            case "POLL" -> 29;
            default -> bare.chars().allMatch(c -> c >= '0' && c <= '9') ? decimal(bare) : named(bare);
        };
        if (number < 1 || number > NUMBER_MAX) {
            throw new EngineException(
                    ErrorCode.INVALID_ARGUMENT,
                    "signal: %s (expected: a name such as SIGTERM or TERM, or 1 to %d)"
                            .formatted(Checks.shown(text), NUMBER_MAX));
        }
        return of(number);
    }

    /** The signal that an image names, which may be anything; TERM where that is none, as with Docker. */
    static Signal orTerm(String text) {
        try {
            return parse(text);
        } catch (EngineException e) {
            return TERM;
        }
    }

    private static int decimal(String digits) {
        return digits.length() > 3 ? 0 : Integer.parseInt(digits);
    }

    private static int named(String name) {
        Matcher realTime = REAL_TIME.matcher(name);
        if (!realTime.matches()) {
            return NAMES.indexOf(name);
        }
        int base = realTime.group(1).equals("MIN") ? RTMIN : RTMAX;
        int distance = realTime.group(3) == null ? 0 : Integer.parseInt(realTime.group(3));
        int number = "-".equals(realTime.group(2)) ? base - distance : base + distance;
        return number >= RTMIN && number <= RTMAX ? number : 0;
    }

    /**
     * The signal with a number.
     *
     * @throws EngineException INVALID_ARGUMENT if it is not 1 to 64
     */
    public static Signal of(int number) {
        if (number < 1 || number > NUMBER_MAX) {
            throw new EngineException(
                    ErrorCode.INVALID_ARGUMENT, "signal: %d (expected: 1 to %d)".formatted(number, NUMBER_MAX));
        }
        return new Signal(number, "SIG" + nameOf(number));
    }

    private static String nameOf(int number) {
        if (number < NAMES.size()) {
            return NAMES.get(number);
        }
        if (number < RTMIN) {
            return Integer.toString(number);
        }
        return number == RTMIN ? "RTMIN" : number == RTMAX ? "RTMAX" : "RTMIN+" + (number - RTMIN);
    }
}
