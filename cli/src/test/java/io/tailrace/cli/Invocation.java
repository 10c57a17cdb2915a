package io.tailrace.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** One run of the command, as a shell would see it. */
final class Invocation {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private int code;

    private Invocation() {}

    static Invocation of(FakeServer server, String... arguments) {
        return withInput(server, "", arguments);
    }

    static Invocation withInput(FakeServer server, String input, String... arguments) {
        var result = new Invocation();
        result.run(server, input, result.out, arguments);
        return result;
    }

    /** Into a pipe that nobody reads. */
    static Invocation intoBrokenPipe(FakeServer server, String... arguments) {
        var result = new Invocation();
        result.run(
                server,
                "",
                new OutputStream() {
                    @Override
                    public void write(int value) throws IOException {
                        throw new IOException("Broken pipe");
                    }
                },
                arguments);
        return result;
    }

    private void run(FakeServer server, String input, OutputStream target, String... arguments) {
        List<String> all = new ArrayList<>(List.of("--host", server.address()));
        all.addAll(List.of(arguments));
        var in = new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8));
        code = Main.run(new StandardStreams(in, target, err, false, false, false), all.toArray(String[]::new));
    }

    int code() {
        return code;
    }

    String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    byte[] outBytes() {
        return out.toByteArray();
    }

    String err() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
