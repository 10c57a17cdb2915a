package io.tailrace.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import org.junit.jupiter.api.Test;

class ScriptTest {
    @Test
    void whatIsExpectedOfTheBurstIsWhatTheContainersProgramsWrite() throws Exception {
        Script script = new Script(0, 5L * Workload.BLOCK_BYTES);
        Process process = new ProcessBuilder(new Workload(script.burstBytes()).command("/bin/sh")).start();
        byte[] written = process.getInputStream().readAllBytes();
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        for (byte[] block : script.burst()) {
            expected.writeBytes(block);
        }
        assertThat(written).hasSize(5 * Workload.BLOCK_BYTES).isEqualTo(expected.toByteArray());
    }
}
