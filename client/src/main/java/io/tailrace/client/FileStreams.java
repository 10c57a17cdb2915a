package io.tailrace.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.tailrace.api.v1.FilesGrpc;
import io.tailrace.api.v1.ReadFilesRequest;
import io.tailrace.api.v1.ReadFilesResponse;
import io.tailrace.api.v1.StatPathRequest;
import io.tailrace.api.v1.WriteFilesOpen;
import io.tailrace.api.v1.WriteFilesRequest;
import io.tailrace.api.v1.WriteFilesResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The archives that go to and come from the files of one container, and their bytes. Thread-safe. */
final class FileStreams {
    private static final int CHUNK_BYTES = 65_536;

    private final Connection connection;
    private final String container;

    FileStreams(Connection connection, String container) {
        this.connection = connection;
        this.container = container;
    }

    PathStatus stat(String path) {
        return status(connection.call(
                FilesGrpc.getStatMethod(),
                StatPathRequest.newBuilder()
                        .setContainer(container)
                        .setPath(path)
                        .build()));
    }

    /** What is done with the archive of a path. */
    interface Reader {
        void read(PathStatus status, InputStream archive) throws IOException;
    }

    /** Reads a path. @throws IOException of the reader's own */
    void read(String path, Reader reader) throws IOException {
        var call = BlockingCall.open(
                connection,
                FilesGrpc.getReadMethod(),
                ReadFilesRequest.newBuilder()
                        .setContainer(container)
                        .setPath(path)
                        .build());
        var incoming = new Incoming(call);
        boolean isRead = false;
        try {
            var first = incoming.next();
            if (first == null || !first.hasStatus()) {
                throw new TailraceException(ErrorCode.INCOMPLETE, "the server did not say what %s is".formatted(path));
            }
            reader.read(status(first.getStatus()), incoming);
            incoming.transferTo(OutputStream.nullOutputStream());
            isRead = true;
        } finally {
            if (!isRead) {
                call.cancel("the archive is not read to its end");
            }
        }
    }

    /** What writes an archive. */
    interface Writer {
        void write(OutputStream archive) throws IOException;
    }

    /** Unpacks what is written in a directory. @throws IOException of the writer's own */
    void write(String directory, boolean mayReplace, Writer writer) throws IOException {
        var call = BlockingCall.open(
                connection,
                FilesGrpc.getWriteMethod(),
                WriteFilesRequest.newBuilder()
                        .setOpen(WriteFilesOpen.newBuilder()
                                .setContainer(container)
                                .setDirectory(directory)
                                .setReplace(mayReplace))
                        .build());
        boolean isWritten = false;
        try {
            var outgoing = new Outgoing(call);
            try {
                writer.write(outgoing);
                call.halfClose();
            } catch (RefusedException e) {
                // Its reason comes below.
            }
            finish(call);
            isWritten = true;
        } finally {
            if (!isWritten) {
                call.cancel("the archive is not sent to its end");
            }
        }
    }

    private void finish(BlockingCall<WriteFilesRequest, WriteFilesResponse> call) {
        try {
            while (true) {
                if (call.take() instanceof BlockingCall.End end) {
                    if (!end.status().isOk()) {
                        throw Failures.of(end.status(), end.trailers(), connection.address());
                    }
                    return;
                }
            }
        } catch (InterruptedException e) {
            throw Failures.interrupted();
        }
    }

    private static PathStatus status(io.tailrace.api.v1.PathStatus status) {
        var type = switch (status.getType()) {
            case TYPE_FILE -> PathStatus.Type.FILE;
            case TYPE_DIRECTORY -> PathStatus.Type.DIRECTORY;
            case TYPE_LINK -> PathStatus.Type.LINK;
            case TYPE_OTHER, TYPE_UNSPECIFIED, UNRECOGNIZED -> PathStatus.Type.OTHER;
        };
        return new PathStatus(
                status.getName(),
                type,
                status.getSizeBytes(),
                status.getMode(),
                Wire.instant(status.getModifiedAt()),
                status.getLinkTarget());
    }

    /** The call has ended while its archive was written. */
    private static final class RefusedException extends IOException {
        private static final long serialVersionUID = 1;
    }

    private static final class Outgoing extends OutputStream {
        private final BlockingCall<WriteFilesRequest, ?> call;

        Outgoing(BlockingCall<WriteFilesRequest, ?> call) {
            this.call = call;
        }

        @Override
        public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            for (int at = offset; at < offset + length; at += CHUNK_BYTES) {
                var chunk = Arrays.copyOfRange(bytes, at, Math.min(offset + length, at + CHUNK_BYTES));
                var message = WriteFilesRequest.newBuilder()
                        .setData(UnsafeByteOperations.unsafeWrap(chunk))
                        .build();
                try {
                    if (!call.send(message)) {
                        throw new RefusedException();
                    }
                } catch (InterruptedException e) {
                    throw Failures.interrupted();
                }
            }
        }
    }

    private final class Incoming extends InputStream {
        private final BlockingCall<?, ReadFilesResponse> call;
        private ByteString chunk = ByteString.EMPTY;
        private int position;
        private boolean isAtEnd;

        Incoming(BlockingCall<?, ReadFilesResponse> call) {
            this.call = call;
        }

        /** The next message; null behind the last. */
        @Nullable ReadFilesResponse next() {
            if (isAtEnd) {
                return null;
            }
            try {
                var next = call.take();
                if (!(next instanceof BlockingCall.End end)) {
                    return (ReadFilesResponse) next;
                }
                isAtEnd = true;
                if (!end.status().isOk()) {
                    throw Failures.of(end.status(), end.trailers(), connection.address());
                }
                return null;
            } catch (InterruptedException e) {
                throw Failures.interrupted();
            }
        }

        @Override
        public int read() {
            return fill() ? chunk.byteAt(position++) & 0xff : -1;
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            if (length == 0) {
                return 0;
            }
            if (!fill()) {
                return -1;
            }
            int count = Math.min(length, chunk.size() - position);
            chunk.substring(position, position + count).copyTo(target, offset);
            position += count;
            return count;
        }

        /** Whether there is a byte to read. */
        private boolean fill() {
            while (position == chunk.size()) {
                var message = next();
                if (message == null) {
                    return false;
                }
                chunk = message.getData();
                position = 0;
            }
            return true;
        }
    }
}
