package io.tailrace.engine;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A reader's place: just behind a record of one timeline (or of the feed). Clients treat its text as opaque and hand it
 * back to go on with the next record.
 *
 * @param timeline the id of the timeline: the container's id, {@code containerId/execId}, or {@code feed}
 * @param sequence the last sequence that was seen; 0 before the first
 * @param skippedBytes of the next record, if it is Output: how many were seen, as where a line ends within it
 */
public record Cursor(String timeline, long sequence, int skippedBytes) {
    /** The {@link #timeline} of the feed. */
    public static final String FEED = "feed";

    // Neither ids nor numbers contain a tilde, and URLs carry it as it is (RFC 3986, unreserved).
    private static final Pattern TEXT = Pattern.compile(
            "(feed|[0-9a-f]{64}(?:~[a-zA-Z0-9_.-]{1,64})?)~(0|[1-9][0-9]{0,17})(?:~~([1-9][0-9]{0,4}))?");

    /** Behind a whole record. */
    public Cursor(String timeline, long sequence) {
        this(timeline, sequence, 0);
    }

    /** Its text: URL-safe, without spaces or quotes, at most 256 characters. */
    public String text() {
        return timeline.replace('/', '~') + "~" + sequence + (skippedBytes == 0 ? "" : "~~" + skippedBytes);
    }

    /**
     * The cursor that {@link #text} wrote.
     *
     * @throws EngineException INVALID_CURSOR if it did not
     */
    public static Cursor parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new EngineException(
                    ErrorCode.INVALID_CURSOR,
                    "cursor: %s (expected: one that this server gave)".formatted(Checks.shown(text)));
        }
        String skipped = matcher.group(3);
        return new Cursor(
                matcher.group(1).replace('~', '/'),
                Long.parseLong(matcher.group(2)),
                skipped == null ? 0 : Integer.parseInt(skipped));
    }
}
