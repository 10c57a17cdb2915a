package io.tailrace.cli;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** What an executable file needs to run (System V ABI, 64-bit ELF). */
final class ElfFile {
    private static final int MAGIC = 0x464c457f;
    private static final int CLASS_64 = 2;
    private static final int HEADER_BYTES = 64;
    private static final int PT_INTERP = 3;

    private ElfFile() {}

    /** Whether it is an executable that asks for no loader, and so for no libraries. */
    static boolean isStatic(byte[] file) {
        if (file.length < HEADER_BYTES) {
            return false;
        }
        var elf = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        if (elf.getInt(0) != MAGIC || elf.get(4) != CLASS_64) {
            return false;
        }
        long programHeaders = elf.getLong(32);
        int size = Short.toUnsignedInt(elf.getShort(54));
        int count = Short.toUnsignedInt(elf.getShort(56));
        for (int i = 0; i < count; i++) {
            long at = programHeaders + (long) i * size;
            if (at < 0 || at + 4 > file.length) {
                return false;
            }
            if (elf.getInt((int) at) == PT_INTERP) {
                return false;
            }
        }
        return true;
    }
}
