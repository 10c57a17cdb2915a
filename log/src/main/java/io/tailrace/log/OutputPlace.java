package io.tailrace.log;

/**
 * A place within the output of a timeline.
 *
 * @param sequence of the record that it lies in; that of the next record if there is no output
 * @param offset the position in its stream, from 0
 * @param skippedBytes how many bytes of the record lie before it
 * @param isReached whether all that was looked for lies behind it; false where there is, or is left, too little
 */
public record OutputPlace(long sequence, long offset, int skippedBytes, boolean isReached) {
    /** This place, with all that was looked for behind it. */
    OutputPlace reached() {
        return new OutputPlace(sequence, offset, skippedBytes, true);
    }
}
