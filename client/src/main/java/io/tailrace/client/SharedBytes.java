package io.tailrace.client;

import com.google.protobuf.ByteOutput;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import com.google.protobuf.UnsafeByteOperations;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/**
 * Messages whose bytes are those that were received: each is copied once, out of the transport's buffers into an array of
 * the message's own, and its fields are views of that. Left to itself, gRPC copies the bytes of a field once more.
 */
final class SharedBytes {
    private SharedBytes() {}

    /** A method whose answers are read so. */
    static <Q, S extends MessageLite> MethodDescriptor<Q, S> of(MethodDescriptor<Q, S> method, Parser<S> parser) {
        return method.toBuilder(method.getRequestMarshaller(), new Reader<>(method.getResponseMarshaller(), parser))
                .build();
    }

    /** The bytes of a field in the array that they stand in, which nobody writes to. */
    static ByteBuffer view(ByteString bytes) {
        var view = new View();
        try {
            UnsafeByteOperations.unsafeWriteTo(bytes, view);
        } catch (IOException e) {
            throw new IllegalStateException(e); // a view does no I/O
        }
        return view.buffer;
    }

    private record Reader<S extends MessageLite>(MethodDescriptor.Marshaller<S> whole, Parser<S> parser)
            implements MethodDescriptor.Marshaller<S> {
        @Override
        public InputStream stream(S message) {
            return whole.stream(message);
        }

        @Override
        public S parse(InputStream stream) {
            try {
                // gRPC says here how long the message is.
                var bytes = new byte[stream.available()];
                if (stream.readNBytes(bytes, 0, bytes.length) < bytes.length) {
                    throw new EOFException("message of %d bytes is cut off".formatted(bytes.length));
                }
                var input = UnsafeByteOperations.unsafeWrap(bytes).newCodedInput();
                input.enableAliasing(true);
                var message = parser.parseFrom(input);
                input.checkLastTagWas(0);
                return message;
            } catch (InvalidProtocolBufferException e) {
                throw Status.INTERNAL
                        .withDescription("not a message of this protocol: " + e.getMessage())
                        .withCause(e)
                        .asRuntimeException();
            } catch (IOException e) {
                throw Status.INTERNAL.withDescription(e.toString()).withCause(e).asRuntimeException();
            }
        }
    }

    /** Keeps what it is handed; a message that was parsed hands each field over in one piece. */
    private static final class View extends ByteOutput {
        private ByteBuffer buffer = ByteBuffer.allocate(0);

        @Override
        public void write(byte value) {
            write(new byte[] {value}, 0, 1);
        }

        @Override
        public void write(byte[] value, int offset, int length) {
            writeLazy(value.clone(), offset, length);
        }

        @Override
        public void writeLazy(byte[] value, int offset, int length) {
            if (buffer.hasRemaining()) {
                throw new IllegalStateException("bytes in several pieces (expected: one)");
            }
            buffer = ByteBuffer.wrap(value, offset, length).slice();
        }

        @Override
        public void write(ByteBuffer value) {
            var copy = new byte[value.remaining()];
            value.get(copy);
            writeLazy(copy, 0, copy.length);
        }

        @Override
        public void writeLazy(ByteBuffer value) {
            write(value);
        }
    }
}
