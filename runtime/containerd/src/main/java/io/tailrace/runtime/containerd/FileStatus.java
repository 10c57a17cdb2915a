package io.tailrace.runtime.containerd;

/**
 * What statx(2) says of a file.
 *
 * @param mode type and permissions
 * @param device of the file system
 * @param major of a device's node
 */
record FileStatus(
        int mode,
        long links,
        long user,
        long group,
        long inode,
        long sizeBytes,
        long device,
        long modifiedSeconds,
        int modifiedNanos,
        int major,
        int minor) {
    static final int FIFO = 0x1000;
    static final int CHARACTERS = 0x2000;
    static final int DIRECTORY = 0x4000;
    static final int BLOCKS = 0x6000;
    static final int FILE = 0x8000;
    static final int LINK = 0xa000;
    private static final int TYPE = 0xf000;
    private static final int PERMISSIONS = 07777;

    int type() {
        return mode & TYPE;
    }

    int permissions() {
        return mode & PERMISSIONS;
    }

    boolean isDirectory() {
        return type() == DIRECTORY;
    }
}
