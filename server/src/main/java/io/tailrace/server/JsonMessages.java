package io.tailrace.server;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import com.linecorp.armeria.common.grpc.GrpcJsonMarshaller;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.tailrace.engine.EngineException;
import io.tailrace.engine.ErrorCode;
import io.tailrace.server.errors.GrpcErrors;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/**
 * Messages as JSON, in protobuf's own mapping: answers hold every field, also those that are 0 or empty; a field that
 * does not exist is refused, since it is a misspelt one. Needs no code to be generated at start.
 */
final class JsonMessages implements GrpcJsonMarshaller {
    private static final JsonFormat.Printer PRINTER =
            JsonFormat.printer().alwaysPrintFieldsWithNoPresence().omittingInsignificantWhitespace();

    private static final JsonFormat.Parser PARSER = JsonFormat.parser();

    @Override
    public <T> void serializeMessage(Marshaller<T> marshaller, T message, OutputStream target) throws IOException {
        Writer writer = new OutputStreamWriter(target, StandardCharsets.UTF_8);
        PRINTER.appendTo((Message) message, writer);
        writer.flush();
    }

    @Override
    @SuppressWarnings("unchecked") // The prototype is of the type that the marshaller is for.
    public <T> T deserializeMessage(Marshaller<T> marshaller, InputStream source) throws IOException {
        T prototype = Objects.requireNonNull(((PrototypeMarshaller<T>) marshaller).getMessagePrototype());
        Message.Builder builder = ((Message) prototype).newBuilderForType();
        try {
            PARSER.merge(new InputStreamReader(source, StandardCharsets.UTF_8), builder);
        } catch (InvalidProtocolBufferException e) {
            throw GrpcErrors.of(new EngineException(ErrorCode.INVALID_ARGUMENT, "request: " + e.getMessage(), e));
        }
        Message message = builder.build();
        check(message);
        return (T) message;
    }

    /** JSON can say half a character (a lone surrogate), which neither protobuf nor a timeline can. */
    private static void check(Message message) {
        message.getAllFields().forEach((field, value) -> {
            for (Object one : value instanceof List<?> many ? many : List.of(value)) {
                if (one instanceof Message inner) {
                    check(inner);
                } else if (one instanceof String text
                        && !StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
                    throw GrpcErrors.of(new EngineException(
                            ErrorCode.INVALID_ARGUMENT,
                            "request: %s: half a character (expected: Unicode text)".formatted(field.getName())));
                }
            }
        });
    }
}
