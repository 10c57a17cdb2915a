package io.tailrace.server.v1;

import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import io.tailrace.api.v1.FeedRecord;
import io.tailrace.api.v1.FollowFeedRequest;
import io.tailrace.api.v1.FollowFeedResponse;
import io.tailrace.api.v1.FollowRequest;
import io.tailrace.api.v1.FollowResponse;
import io.tailrace.api.v1.Heartbeat;
import io.tailrace.api.v1.InputRequest;
import io.tailrace.api.v1.InputResponse;
import io.tailrace.api.v1.ResizeRequest;
import io.tailrace.api.v1.ResizeResponse;
import io.tailrace.api.v1.TimelinesGrpc;
import io.tailrace.api.v1.WaitForLineRequest;
import io.tailrace.api.v1.WaitForLineResponse;
import io.tailrace.engine.ContainerProcess;
import io.tailrace.engine.Cursor;
import io.tailrace.engine.Engine;
import io.tailrace.engine.SubscriptionRequest;
import io.tailrace.log.TimelineRecord;
import io.tailrace.server.stream.GrpcStream;
import io.tailrace.server.stream.Processes;
import io.tailrace.server.stream.Pump;
import io.tailrace.server.stream.Source;
import io.tailrace.server.stream.Streams;
import io.tailrace.server.stream.UnaryCalls;

/** Reading timelines and the feed, writing stdin. */
public final class TimelinesService extends TimelinesGrpc.TimelinesImplBase {
    private final Engine engine;
    private final Streams streams;

    /** A service over an engine. */
    public TimelinesService(Engine engine, Streams streams) {
        this.engine = engine;
        this.streams = streams;
    }

    @Override
    public void follow(FollowRequest request, StreamObserver<FollowResponse> observer) {
        var stream = GrpcStream.of(observer);
        streams.start("follow", stream, () -> follow(request, stream));
    }

    private void follow(FollowRequest request, GrpcStream<FollowResponse> stream) throws InterruptedException {
        ContainerProcess process = Processes.find(engine, request.getContainer(), request.getExec());
        SubscriptionRequest wanted = FollowRequests.of(request);
        try (var source = stream.closeAtEnd(Source.of(process.subscribe(wanted)))) {
            Pump.run(source, stream, new FollowSink(stream));
            if (wanted.end() == SubscriptionRequest.End.EXIT && !source.isPastUntil()) {
                Processes.requireBehindExit(process, source.cursor());
            }
        }
        stream.complete();
    }

    @Override
    public void followFeed(FollowFeedRequest request, StreamObserver<FollowFeedResponse> observer) {
        var stream = GrpcStream.of(observer);
        streams.start("feed", stream, () -> {
            var wanted = FeedFilter.of(engine, request.getContainer());
            var from = switch (request.getFromCase()) {
                case CURSOR -> Cursor.parse(request.getCursor());
                case START -> request.getStart() ? FeedFilter.OLDEST : null;
                case FROM_NOT_SET -> null;
            };
            try (var source = stream.closeAtEnd(Source.of(engine.feed(from)))) {
                Pump.run(source, stream, new FeedSink(stream, wanted));
            }
            stream.complete();
        });
    }

    @Override
    public StreamObserver<InputRequest> input(StreamObserver<InputResponse> observer) {
        var stream = GrpcStream.of(observer);
        var inbox = stream.<InputRequest>inbox();
        streams.start("input", stream, () -> new InputBody(engine, stream, inbox).run());
        return inbox;
    }

    @Override
    public void resize(ResizeRequest request, StreamObserver<ResizeResponse> observer) {
        UnaryCalls.serve(observer, () -> {
            Processes.find(engine, request.getContainer(), request.getExec())
                    .resize(Terminals.size(request.getColumns(), request.getRows()));
            return ResizeResponse.getDefaultInstance();
        });
    }

    @Override
    public void waitForLine(WaitForLineRequest request, StreamObserver<WaitForLineResponse> observer) {
        UnaryCalls.serveInterruptibly(observer, () -> {
            var line = Processes.find(engine, request.getContainer(), request.getExec())
                    .awaitLine(FollowRequests.of(request));
            return WaitForLineResponse.newBuilder()
                    .setStream(Records.of(line.stream()))
                    .setOffset(line.offset())
                    .setLine(ByteString.copyFrom(line.data().duplicate()))
                    .setCursor(line.cursor().text())
                    .setTimestampNanos(line.timestampNanos())
                    .build();
        });
    }

    private record FollowSink(GrpcStream<FollowResponse> stream) implements Pump.Sink<TimelineRecord> {
        @Override
        public int accept(TimelineRecord record, Cursor cursor) {
            var response = FollowResponse.newBuilder()
                    .setRecord(Records.of(record, cursor.text()))
                    .build();
            stream.prepare(response);
            return response.getSerializedSize();
        }

        @Override
        public void idle(Cursor cursor) {
            stream.prepare(FollowResponse.newBuilder()
                    .setHeartbeat(Heartbeat.newBuilder().setCursor(cursor.text()))
                    .build());
        }

        @Override
        public void flush() {
            stream.flush();
        }
    }

    private record FeedSink(GrpcStream<FollowFeedResponse> stream, FeedFilter wanted)
            implements Pump.Sink<io.tailrace.engine.FeedRecord> {
        @Override
        public int accept(io.tailrace.engine.FeedRecord record, Cursor cursor) {
            if (!wanted.matches(record)) {
                return 0;
            }
            var response = FollowFeedResponse.newBuilder()
                    .setRecord(message(record, cursor.text()))
                    .build();
            stream.prepare(response);
            return response.getSerializedSize();
        }

        @Override
        public void idle(Cursor cursor) {
            stream.prepare(FollowFeedResponse.newBuilder()
                    .setHeartbeat(Heartbeat.newBuilder().setCursor(cursor.text()))
                    .build());
        }

        @Override
        public void flush() {
            stream.flush();
        }

        private static FeedRecord message(io.tailrace.engine.FeedRecord record, String cursor) {
            return FeedRecord.newBuilder()
                    .setSequence(record.sequence())
                    .setCursor(cursor)
                    .setContainer(record.containerId())
                    .setContainerName(record.containerName())
                    .setExec(record.execId())
                    .setEvent(record.event())
                    .setTime(Times.ofNanos(record.record().timestampNanos()))
                    .setRecord(Records.of(record.record(), ""))
                    .build();
        }
    }
}
