package io.tailrace.server.v1;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.grpc.stub.StreamObserver;
import io.tailrace.api.v1.FilesGrpc;
import io.tailrace.api.v1.PathStatus;
import io.tailrace.api.v1.ReadFilesRequest;
import io.tailrace.api.v1.ReadFilesResponse;
import io.tailrace.api.v1.StatPathRequest;
import io.tailrace.api.v1.WriteFilesOpen;
import io.tailrace.api.v1.WriteFilesRequest;
import io.tailrace.api.v1.WriteFilesResponse;
import io.tailrace.engine.Engine;
import io.tailrace.engine.EngineException;
import io.tailrace.engine.ErrorCode;
import io.tailrace.server.stream.ArchiveOutput;
import io.tailrace.server.stream.GrpcStream;
import io.tailrace.server.stream.Inbox;
import io.tailrace.server.stream.Streams;
import io.tailrace.server.stream.UnaryCalls;

/** The files of containers. */
public final class FilesService extends FilesGrpc.FilesImplBase {
    private final Engine engine;
    private final Streams streams;

    /** A service over an engine. */
    public FilesService(Engine engine, Streams streams) {
        this.engine = engine;
        this.streams = streams;
    }

    @Override
    public void stat(StatPathRequest request, StreamObserver<PathStatus> observer) {
        UnaryCalls.serve(
                observer, () -> message(engine.container(request.getContainer()).stat(request.getPath())));
    }

    @Override
    public void read(ReadFilesRequest request, StreamObserver<ReadFilesResponse> observer) {
        GrpcStream<ReadFilesResponse> stream = GrpcStream.of(observer);
        streams.start("read", stream, () -> {
            engine.container(request.getContainer()).readFiles(request.getPath(), status -> {
                stream.send(ReadFilesResponse.newBuilder()
                        .setStatus(message(status))
                        .build());
                return new ArchiveOutput(
                        stream,
                        bytes -> stream.send(ReadFilesResponse.newBuilder()
                                .setData(UnsafeByteOperations.unsafeWrap(bytes))
                                .build()));
            });
            stream.complete();
        });
    }

    @Override
    public StreamObserver<WriteFilesRequest> write(StreamObserver<WriteFilesResponse> observer) {
        GrpcStream<WriteFilesResponse> stream = GrpcStream.of(observer);
        Inbox<WriteFilesRequest> inbox = stream.inbox();
        streams.start("write", stream, () -> {
            WriteFilesRequest first = inbox.take();
            if (first == null || !first.hasOpen()) {
                throw new EngineException(ErrorCode.INVALID_ARGUMENT, "first message: not open (expected: open)");
            }
            WriteFilesOpen open = first.getOpen();
            engine.container(open.getContainer())
                    .writeFiles(open.getDirectory(), new ArchiveInput<>(inbox, FilesService::data), open.getReplace());
            stream.send(WriteFilesResponse.getDefaultInstance());
            stream.complete();
        });
        return inbox;
    }

    private static ByteString data(WriteFilesRequest request) {
        if (request.hasOpen()) {
            throw new EngineException(ErrorCode.INVALID_ARGUMENT, "message: open again (expected: data)");
        }
        return request.getData();
    }

    private static PathStatus message(io.tailrace.runtime.spi.PathStatus status) {
        return PathStatus.newBuilder()
                .setName(status.name())
                .setType(
                        switch (status.type()) {
                            case FILE -> PathStatus.Type.TYPE_FILE;
                            case DIRECTORY -> PathStatus.Type.TYPE_DIRECTORY;
                            case LINK -> PathStatus.Type.TYPE_LINK;
                            case OTHER -> PathStatus.Type.TYPE_OTHER;
                        })
                .setSizeBytes(status.sizeBytes())
                .setMode(status.mode())
                .setModifiedAt(Times.of(status.modifiedAt()))
                .setLinkTarget(status.linkTarget())
                .build();
    }
}
