package org.curioswitch.common.protobuf.json;

import com.fasterxml.jackson.core.JsonGenerator;
import com.google.protobuf.Internal;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What Armeria asks of the library of this name, by protobuf's own JSON mapping. The library generates code for each
 * message as soon as the first gRPC service is built, which took a quarter of this server's start, for marshallers that
 * it does not use: {@code JsonMessages} is ours. Thread-safe.
 */
public final class MessageMarshaller {
    private final boolean isCompact;
    private final boolean isIgnoringUnknownFields;
    private final List<Message> messages;

    private MessageMarshaller(Builder builder) {
        isCompact = builder.isCompact;
        isIgnoringUnknownFields = builder.isIgnoringUnknownFields;
        messages = List.copyOf(builder.messages);
    }

    /** Settings as the library has them: readable, strict. */
    public static Builder builder() {
        return new Builder();
    }

    /** The settings of this one, to be changed. */
    public Builder toBuilder() {
        var builder = new Builder();
        builder.isCompact = isCompact;
        builder.isIgnoringUnknownFields = isIgnoringUnknownFields;
        builder.messages.addAll(messages);
        return builder;
    }

    /** Reads a message's JSON, in UTF-8, into a builder. */
    public void mergeValue(InputStream json, Message.Builder builder) throws IOException {
        var parser = JsonFormat.parser().usingTypeRegistry(types());
        (isIgnoringUnknownFields ? parser.ignoringUnknownFields() : parser)
                .merge(new InputStreamReader(json, StandardCharsets.UTF_8), builder);
    }

    /** Writes a message as JSON, in UTF-8. */
    public <T extends Message> void writeValue(T message, OutputStream target) throws IOException {
        target.write(json(message).getBytes(StandardCharsets.UTF_8));
    }

    /** Writes a message as one value. */
    public <T extends Message> void writeValue(T message, JsonGenerator target) throws IOException {
        target.writeRawValue(json(message));
    }

    private String json(Message message) throws IOException {
        var printer = JsonFormat.printer().usingTypeRegistry(types());
        return (isCompact ? printer.omittingInsignificantWhitespace() : printer).print(message);
    }

    /** Those that may stand in an {@code Any}. */
    private JsonFormat.TypeRegistry types() {
        var types = JsonFormat.TypeRegistry.newBuilder();
        messages.forEach(message -> types.add(message.getDescriptorForType()));
        return types.build();
    }

    /** The settings. Not thread-safe. */
    public static final class Builder {
        private final List<Message> messages = new ArrayList<>();
        private boolean isCompact;
        private boolean isIgnoringUnknownFields;

        private Builder() {}

        /** Without line breaks and indentation. */
        public Builder omittingInsignificantWhitespace(boolean isOn) {
            isCompact = isOn;
            return this;
        }

        /** Passing over fields that a message does not have. */
        public Builder ignoringUnknownFields(boolean isOn) {
            isIgnoringUnknownFields = isOn;
            return this;
        }

        /** A message that may stand in an {@code Any}. */
        public Builder register(Message message) {
            messages.add(message);
            return this;
        }

        /** As {@link #register(Message)}. */
        public Builder register(Class<? extends Message> type) {
            return register(Internal.getDefaultInstance(type));
        }

        /** The marshaller. */
        public MessageMarshaller build() {
            return new MessageMarshaller(this);
        }
    }
}
