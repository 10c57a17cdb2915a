package io.tailrace.cli.terminal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The keys that leave a container without ending it, such as {@code ctrl-p,ctrl-q}. What might be their beginning is held
 * back until the next key says. One thread.
 */
public final class DetachKeys {
    private final byte[] keys;
    private int matched;
    private boolean isDetached;

    private DetachKeys(byte[] keys) {
        this.keys = keys;
    }

    /**
     * Reads a sequence as docker writes it: characters, {@code ctrl-a} to {@code ctrl-z} and {@code ctrl-@[\]^_},
     * separated by commas. Empty: no keys.
     *
     * @throws IllegalArgumentException for anything else
     */
    public static DetachKeys parse(String text) {
        List<Byte> keys = new ArrayList<>();
        for (var key : text.isEmpty() ? new String[0] : text.split(",")) {
            keys.add(key(key, text));
        }
        var bytes = new byte[keys.size()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = keys.get(i);
        }
        return new DetachKeys(bytes);
    }

    private static byte key(String key, String text) {
        if (key.length() == 1 && key.charAt(0) < 128) {
            return (byte) key.charAt(0);
        }
        var lower = key.toLowerCase(Locale.ROOT);
        if (lower.startsWith("ctrl-") && lower.length() == 6) {
            char name = lower.charAt(5);
            int index = "@abcdefghijklmnopqrstuvwxyz[\\]^_".indexOf(name);
            if (index >= 0) {
                return (byte) index;
            }
        }
        throw new IllegalArgumentException(
                "detach keys: \"%s\" (expected: keys such as ctrl-p,ctrl-q or a single character)".formatted(text));
    }

    /** Whether the keys were typed. */
    public boolean isDetached() {
        return isDetached;
    }

    /**
     * Takes input, and returns what is to be passed on: what was held back before and is no beginning after all, and the
     * input as far as it is none. What comes behind the keys is dropped.
     */
    public byte[] take(byte[] input, int length) {
        var passed = new byte[matched + length];
        int count = 0;
        for (int i = 0; i < length && !isDetached; i++) {
            byte next = input[i];
            if (matched > 0 && next != keys[matched]) {
                System.arraycopy(keys, 0, passed, count, matched);
                count += matched;
                matched = 0;
            }
            if (keys.length > 0 && next == keys[matched]) {
                matched++;
                isDetached = matched == keys.length;
            } else {
                passed[count++] = next;
            }
        }
        return Arrays.copyOf(passed, count);
    }
}
