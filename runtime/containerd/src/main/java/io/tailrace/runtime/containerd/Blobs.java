package io.tailrace.runtime.containerd;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import com.google.protobuf.FieldMask;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.BlockingClientCall;
import io.tailrace.runtime.containerd.proto.content.Info;
import io.tailrace.runtime.containerd.proto.content.InfoRequest;
import io.tailrace.runtime.containerd.proto.content.ListStatusesRequest;
import io.tailrace.runtime.containerd.proto.content.ReadContentRequest;
import io.tailrace.runtime.containerd.proto.content.ReadContentResponse;
import io.tailrace.runtime.containerd.proto.content.UpdateRequest;
import io.tailrace.runtime.containerd.proto.content.WriteAction;
import io.tailrace.runtime.containerd.proto.content.WriteContentRequest;
import io.tailrace.runtime.containerd.proto.content.WriteContentResponse;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongConsumer;

/** containerd's content store: blobs by digest. Thread-safe. */
final class Blobs {
    /** Manifests and configurations are far smaller; OCI registries cap them at 4 MiB. */
    private static final int JSON_BYTES_MAX = 4 << 20;

    private static final int CHUNK_BYTES = 1 << 20;
    private static final long CHUNK_MILLIS = 60_000;

    private final Containerd containerd;
    private final ObjectMapper json = new ObjectMapper();

    Blobs(Containerd containerd) {
        this.containerd = containerd;
    }

    boolean exists(String digest) {
        try {
            containerd.content().info(InfoRequest.newBuilder().setDigest(digest).build());
            return true;
        } catch (StatusRuntimeException failure) {
            if (Failures.is(failure, Status.Code.NOT_FOUND)) {
                return false;
            }
            throw failure;
        }
    }

    /** Reads a small JSON blob. @throws StatusRuntimeException NOT_FOUND */
    JsonNode readJson(String digest) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Iterator<ReadContentResponse> chunks = containerd
                .content()
                .read(ReadContentRequest.newBuilder().setDigest(digest).build());
        while (chunks.hasNext()) {
            bytes.writeBytes(chunks.next().getData().toByteArray());
            if (bytes.size() > JSON_BYTES_MAX) {
                break;
            }
        }
        return parse(digest, bytes.toByteArray());
    }

    /** Adds or changes one label of a blob. */
    void label(String digest, String key, String value) {
        containerd
                .content()
                .update(UpdateRequest.newBuilder()
                        .setInfo(Info.newBuilder().setDigest(digest).putLabels(key, value))
                        .setUpdateMask(FieldMask.newBuilder().addPaths("labels." + key))
                        .build());
    }

    /** Blobs that are being written now. */
    List<io.tailrace.runtime.containerd.proto.content.Status> writing() {
        return containerd
                .content()
                .listStatuses(ListStatusesRequest.getDefaultInstance())
                .getStatusesList();
    }

    void write(String digest, byte[] bytes, Map<String, String> labels, String lease) throws IOException {
        write(digest, new ByteArrayInputStream(bytes), bytes.length, labels, lease, done -> {});
    }

    /**
     * Stores a blob whose digest is known; one that is there already is kept.
     *
     * @param progress told the bytes done so far
     */
    void write(
            String digest,
            InputStream source,
            long sizeBytes,
            Map<String, String> labels,
            String lease,
            LongConsumer progress)
            throws IOException {
        BlockingClientCall<WriteContentRequest, WriteContentResponse> call =
                Containerd.leased(containerd.contentStreams(), lease).write();
        try {
            long offset = 0;
            boolean isLast = false;
            while (!isLast) {
                byte[] chunk = source.readNBytes((int) Math.min(CHUNK_BYTES, sizeBytes - offset));
                if (chunk.length == 0 && offset < sizeBytes) {
                    throw new IOException(
                            "%s: ends after %d bytes (expected: %d)".formatted(digest, offset, sizeBytes));
                }
                isLast = offset + chunk.length == sizeBytes;
                call.write(
                        request(digest, offset, chunk, sizeBytes, isLast, labels), CHUNK_MILLIS, TimeUnit.MILLISECONDS);
                if (call.read(CHUNK_MILLIS, TimeUnit.MILLISECONDS) == null) {
                    throw new IOException("%s: the content store ended the write".formatted(digest));
                }
                offset += chunk.length;
                progress.accept(offset);
            }
            call.halfClose();
        } catch (StatusException failure) {
            if (failure.getStatus().getCode() != Status.Code.ALREADY_EXISTS) {
                throw failed(digest, failure);
            }
            progress.accept(sizeBytes);
        } catch (TimeoutException failure) {
            throw new ContainerRuntimeException(Code.DEADLINE_EXCEEDED, "write blob %s".formatted(digest), failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", interrupted);
        } finally {
            call.cancel("done", null);
        }
    }

    private static WriteContentRequest request(
            String digest, long offset, byte[] chunk, long sizeBytes, boolean isLast, Map<String, String> labels) {
        WriteContentRequest.Builder request = WriteContentRequest.newBuilder()
                .setAction(isLast ? WriteAction.COMMIT : WriteAction.WRITE)
                .setRef("tailrace-" + digest)
                .setExpected(digest)
                .setTotal(sizeBytes)
                .setOffset(offset)
                .setData(ByteString.copyFrom(chunk));
        return isLast ? request.putAllLabels(labels).build() : request.build();
    }

    private static ContainerRuntimeException failed(String digest, StatusException failure) {
        return Failures.of("write blob " + digest, new StatusRuntimeException(failure.getStatus()));
    }

    /** Parses what should be JSON of a sensible size. */
    JsonNode parse(String name, byte[] bytes) {
        if (bytes.length > JSON_BYTES_MAX) {
            throw new ContainerRuntimeException(
                    Code.INVALID_ARGUMENT,
                    "%s: %d bytes (expected: <= %d)".formatted(name, bytes.length, JSON_BYTES_MAX));
        }
        try {
            return json.readTree(bytes);
        } catch (IOException failure) {
            throw new ContainerRuntimeException(Code.INVALID_ARGUMENT, "%s: not JSON".formatted(name), failure);
        }
    }
}
