package io.tailrace.bench;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * What a followed container does: it copies what comes from a named pipe to its output, and when that ends, it writes a
 * burst of lines as fast as it can. So whoever writes to the pipe knows when each line was written, by its own clock.
 *
 * @param stampedLines how many lines come by the pipe
 * @param burstBytes of the burst, a multiple of {@link Workload#BLOCK_BYTES}; 0: none
 */
record Script(int stampedLines, long burstBytes) {
    /** Where the directory of the pipe is mounted in a container. */
    static final String MOUNT = "/bench";

    private static final String PIPE = "in";

    /** The pipe in its directory. */
    static Path pipe(Path directory) {
        return directory.resolve(PIPE);
    }

    /** The command for a container. */
    List<String> command() {
        return command("/bin/sh", MOUNT + "/" + PIPE);
    }

    /** The command for the host, with the very programs that are in the image. */
    List<String> commandOnHost(Busybox busybox, Path directory) {
        return busybox.onHost(command(busybox.shell(), pipe(directory).toString()));
    }

    private List<String> command(String shell, String pipe) {
        String copy = "cat " + pipe;
        String burst = burstBytes == 0 ? "" : "; " + new Workload(burstBytes).script();
        return List.of(shell, "-c", copy + burst);
    }

    /** The burst's bytes, block by block. */
    Iterable<byte[]> burst() {
        int blocks = Math.toIntExact(burstBytes / Workload.BLOCK_BYTES);
        byte[] lines = Workload.LINE_AND_END.getBytes(StandardCharsets.US_ASCII);
        byte[] block = new byte[Workload.BLOCK_BYTES + lines.length];
        for (int i = 0; i < block.length; i++) {
            block[i] = lines[i % lines.length];
        }
        return () -> java.util.stream.IntStream.range(0, blocks)
                .mapToObj(index -> {
                    int shift = (int) ((long) index * Workload.BLOCK_BYTES % lines.length);
                    return java.util.Arrays.copyOfRange(block, shift, shift + Workload.BLOCK_BYTES);
                })
                .iterator();
    }
}
