package io.tailrace.runtime.containerd;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import com.google.protobuf.FieldMask;
import io.grpc.Context;
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
final class Blobs implements ContentStore {
    private static final int CHUNK_BYTES = 1 << 20;
    private static final long CHUNK_MILLIS = 60_000;

    private final Containerd containerd;

    Blobs(Containerd containerd) {
        this.containerd = containerd;
    }

    @Override
    public boolean exists(String digest) {
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

    /** 0 for one that is not there. */
    long sizeBytes(String digest) {
        try {
            return containerd
                    .content()
                    .info(InfoRequest.newBuilder().setDigest(digest).build())
                    .getInfo()
                    .getSize();
        } catch (StatusRuntimeException failure) {
            if (Failures.is(failure, Status.Code.NOT_FOUND)) {
                return 0;
            }
            throw failure;
        }
    }

    @Override
    public JsonNode readJson(String digest) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        // What is too long is not read to its end, and the call would stay open until its deadline.
        Context.CancellableContext call = Context.current().withCancellation();
        Context caller = call.attach();
        try {
            Iterator<ReadContentResponse> chunks = containerd
                    .content()
                    .read(ReadContentRequest.newBuilder().setDigest(digest).build());
            while (bytes.size() <= JSON_BYTES_MAX && chunks.hasNext()) {
                bytes.writeBytes(chunks.next().getData().toByteArray());
            }
        } finally {
            call.detachAndCancel(caller, null);
        }
        return ContentStore.parse(digest, bytes.toByteArray());
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

    @Override
    public void write(
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
            // To its end: what came and was not taken stays in buffers that are never given back, also after a cancel.
            while (call.read(CHUNK_MILLIS, TimeUnit.MILLISECONDS) != null) {
                // The blob is complete: there is nothing more to be told of it.
            }
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
}
