package io.tailrace.delivery.fuzz;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Changes inputs as disks, networks and enemies do: bits, numbers at their bounds, cuts, repetitions, mixtures. */
final class Mutations {
    private static final int CHANGES_MAX = 6;
    private static final int INSERTED_BYTES_MAX = 32;
    private static final long[] NUMBERS = {
        0,
        1,
        -1,
        2,
        127,
        128,
        255,
        256,
        4095,
        4096,
        65_535,
        65_536,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        0xffff_ffffL,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        -512,
        -1024
    };

    private final Random random;

    Mutations(Random random) {
        this.random = random;
    }

    /** A changed input. @param inputs at least one */
    byte[] next(List<byte[]> inputs) {
        byte[] input = pick(inputs).clone();
        for (int left = 1 + random.nextInt(CHANGES_MAX); left > 0; left--) {
            input = changed(input, inputs);
        }
        return input;
    }

    private byte[] pick(List<byte[]> inputs) {
        return inputs.get(random.nextInt(inputs.size()));
    }

    private byte[] changed(byte[] input, List<byte[]> inputs) {
        if (input.length == 0) {
            return inserted(input, 0, some());
        }
        int at = random.nextInt(input.length);
        int end = at + random.nextInt(input.length - at) + 1;
        switch (random.nextInt(9)) {
            case 0 -> input[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> input[at] = (byte) random.nextInt(256);
            case 2, 3 -> number(input, at);
            case 4 -> {
                return inserted(input, at, some());
            }
            case 5 -> {
                return inserted(Arrays.copyOf(input, at), at, Arrays.copyOfRange(input, end, input.length));
            }
            case 6 -> {
                return inserted(input, random.nextInt(input.length), Arrays.copyOfRange(input, at, end));
            }
            case 7 -> {
                byte[] other = pick(inputs);
                int from = other.length == 0 ? 0 : random.nextInt(other.length);
                return inserted(Arrays.copyOf(input, at), at, Arrays.copyOfRange(other, from, other.length));
            }
            default -> {
                return Arrays.copyOf(input, at);
            }
        }
        return input;
    }

    private byte[] some() {
        byte[] bytes = new byte[1 + random.nextInt(INSERTED_BYTES_MAX)];
        if (random.nextBoolean()) {
            random.nextBytes(bytes);
        } else {
            Arrays.fill(bytes, (byte) random.nextInt(256));
        }
        return bytes;
    }

    private void number(byte[] input, int at) {
        long number = NUMBERS[random.nextInt(NUMBERS.length)];
        int width = 1 << random.nextInt(4);
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES)
                .order(random.nextBoolean() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN)
                .putLong(0, number);
        int from = bytes.order() == ByteOrder.BIG_ENDIAN ? Long.BYTES - width : 0;
        System.arraycopy(bytes.array(), from, input, at, Math.min(width, input.length - at));
    }

    private static byte[] inserted(byte[] input, int at, byte[] more) {
        byte[] longer = new byte[input.length + more.length];
        System.arraycopy(input, 0, longer, 0, at);
        System.arraycopy(more, 0, longer, at, more.length);
        System.arraycopy(input, at, longer, at + more.length, input.length - at);
        return longer;
    }
}
