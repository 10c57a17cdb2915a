package io.tailrace.delivery.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Takes an input apart, for targets whose inputs have a shape. Never fails: where the input ends, zeros follow. Not
 * thread-safe.
 */
public final class FuzzInput {
    private final ByteBuffer bytes;

    /** An input at its begin. */
    public FuzzInput(byte[] input) {
        bytes = ByteBuffer.wrap(input);
    }

    /**
     * An input of these parts, as a seed.
     *
     * @param parts a number is one byte, as {@link #octet} takes it; anything else is its text, as {@link #text} takes it
     */
    public static byte[] of(Object... parts) {
        ByteArrayOutputStream input = new ByteArrayOutputStream();
        for (Object part : parts) {
            if (part instanceof Integer number) {
                input.write(number);
            } else {
                byte[] text = part.toString().getBytes(StandardCharsets.UTF_8);
                input.write(text.length >> 8);
                input.write(text.length);
                input.writeBytes(text);
            }
        }
        return input.toByteArray();
    }

    /** Whether any of it is left. */
    public boolean hasMore() {
        return bytes.hasRemaining();
    }

    /** The next byte, 0 to 255. */
    public int octet() {
        return bytes.hasRemaining() ? bytes.get() & 0xff : 0;
    }

    /** A number below a bound. @param bound 1 to 256 */
    public int below(int bound) {
        return octet() % bound;
    }

    /** The next bit that matters. */
    public boolean flag() {
        return (octet() & 1) != 0;
    }

    /** Four bytes. */
    public int int32() {
        return (octet() << 24) | (octet() << 16) | (octet() << 8) | octet();
    }

    /** Eight bytes. */
    public long int64() {
        return ((long) int32() << 32) | (int32() & 0xffff_ffffL);
    }

    /** A piece of at most so many bytes, whose length stands before it in two. */
    public byte[] piece(int bytesMax) {
        int wanted = Math.min(bytesMax, (octet() << 8) | octet());
        byte[] piece = new byte[Math.min(wanted, bytes.remaining())];
        bytes.get(piece);
        return piece;
    }

    /** A piece as text; what is no UTF-8 comes out as U+FFFD. */
    public String text(int bytesMax) {
        return new String(piece(bytesMax), StandardCharsets.UTF_8);
    }

    /** All that is left. */
    public byte[] rest() {
        byte[] rest = new byte[bytes.remaining()];
        bytes.get(rest);
        return rest;
    }
}
