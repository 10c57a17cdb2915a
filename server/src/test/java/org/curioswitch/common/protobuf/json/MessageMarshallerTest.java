package org.curioswitch.common.protobuf.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Armeria compiled against the real library calls this; what it would get has to be right. */
class MessageMarshallerTest {
    private static final Status STATUS = Status.newBuilder()
            .setCode(5)
            .addDetails(Any.pack(ErrorInfo.newBuilder().setReason("näher").build()))
            .build();

    private static ByteArrayInputStream json(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void whatWasWrittenReadsAsTheSame() throws IOException {
        var marshaller = MessageMarshaller.builder()
                .omittingInsignificantWhitespace(true)
                .register(ErrorInfo.class)
                .build();
        var written = new ByteArrayOutputStream();

        marshaller.writeValue(STATUS, written);

        var read = Status.newBuilder();
        marshaller.mergeValue(new ByteArrayInputStream(written.toByteArray()), read);
        assertThat(read.build()).isEqualTo(STATUS);
        assertThat(written.toString(StandardCharsets.UTF_8))
                .startsWith("{\"code\":5,")
                .contains("näher");
    }

    @Test
    void anUnknownFieldIsRefusedUnlessItShallBePassedOver() throws IOException {
        var strict = MessageMarshaller.builder().build();
        var read = Status.newBuilder();

        assertThatThrownBy(() -> strict.mergeValue(json("{\"cod\":5}"), read))
                .isInstanceOf(InvalidProtocolBufferException.class);
        strict.toBuilder().ignoringUnknownFields(true).build().mergeValue(json("{\"cod\":5,\"code\":6}"), read);
        assertThat(read.getCode()).isEqualTo(6);
    }
}
