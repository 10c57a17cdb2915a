package io.tailrace.bench.follow;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Server-sent events of a timeline: the bytes of its output, which are in the field {@code data} as base64. */
final class Events implements Stage {
    private static final int LINE_BYTES_MAX = 1 << 20;
    private static final String DATA_LINE = "data:";
    private static final String OUTPUT_FIELD = "\"stream\":\"stdout\"";
    private static final String DATA_FIELD = "\"data\":\"";

    private final Stage content;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    Events(Stage content) {
        this.content = content;
    }

    @Override
    public void accept(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            byte next = bytes.get();
            if (next == '\n') {
                event(line.toString(StandardCharsets.UTF_8));
                line.reset();
            } else if (line.size() == LINE_BYTES_MAX) {
                throw new IOException("event: a line of more than " + LINE_BYTES_MAX + " bytes");
            } else {
                line.write(next);
            }
        }
    }

    private void event(String text) throws IOException {
        int at = text.indexOf(DATA_FIELD);
        if (text.startsWith(DATA_LINE) && text.contains(OUTPUT_FIELD) && at >= 0) {
            int begin = at + DATA_FIELD.length();
            String data = text.substring(begin, text.indexOf('"', begin));
            content.accept(ByteBuffer.wrap(Base64.getDecoder().decode(data)));
        }
    }

    @Override
    public void end() throws IOException {
        content.end();
    }
}
