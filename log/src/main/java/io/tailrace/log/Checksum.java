package io.tailrace.log;

import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/**
 * CRC-32 as in gzip and zlib (RFC 1952), and the one thing that the JDK's does not offer: the checksum of two pieces
 * from the checksums of the pieces.
 *
 * <p>A CRC is the remainder of the message, taken as a polynomial over GF(2), divided by a polynomial p of degree 32.
 * Appending n bytes multiplies the message so far by x^(8n), so crc(ab) = crc(a) * x^(8n) mod p + crc(b). The powers
 * x^(2^k) mod p are kept in a table; a power of x is then a product of at most 32 of them. Polynomials are held with
 * the coefficient of x^0 in the highest bit, as CRC-32 does.
 */
final class Checksum {
    private static final int POLYNOMIAL = 0xEDB88320;
    private static final int ONE = 1 << 31;
    private static final int[] POWERS = powers();

    private Checksum() {}

    /** The checksum of a buffer's remaining bytes, whose position stays. */
    static int of(ByteBuffer bytes) {
        var crc = new CRC32();
        crc.update(bytes.duplicate());
        return (int) crc.getValue();
    }

    static int of(byte[] bytes, int offset, int length) {
        var crc = new CRC32();
        crc.update(bytes, offset, length);
        return (int) crc.getValue();
    }

    /** The checksum of a then b. @param length of b in bytes */
    static int combine(int a, int b, long length) {
        if (a == 0) {
            return b; // of nothing, or it does not matter: zero times anything is zero
        }
        return multiply(powerOfX(8 * length), a) ^ b;
    }

    private static int powerOfX(long exponent) {
        var result = ONE;
        for (int k = 0; exponent != 0; k++, exponent >>>= 1) {
            if ((exponent & 1) != 0) {
                result = multiply(POWERS[k & 31], result); // p is primitive, so that x^(2^32) is x again
            }
        }
        return result;
    }

    /** a * b mod p. */
    private static int multiply(int a, int b) {
        var product = 0;
        for (int rest = a; rest != 0; rest <<= 1) {
            product ^= b & (rest >> 31);
            b = (b >>> 1) ^ (POLYNOMIAL & -(b & 1));
        }
        return product;
    }

    private static int[] powers() {
        var powers = new int[32];
        powers[0] = ONE >>> 1;
        for (int k = 1; k < powers.length; k++) {
            powers[k] = multiply(powers[k - 1], powers[k - 1]);
        }
        return powers;
    }
}
