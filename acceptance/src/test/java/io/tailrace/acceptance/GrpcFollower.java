package io.tailrace.acceptance;

import io.grpc.Channel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.tailrace.api.v1.FollowRequest;
import io.tailrace.api.v1.FollowResponse;
import io.tailrace.api.v1.TimelinesGrpc;
import java.util.Objects;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;

/** A reader by gRPC. */
final class GrpcFollower extends Follower implements ClientResponseObserver<FollowRequest, FollowResponse> {
    private volatile @Nullable ClientCallStreamObserver<FollowRequest> call;

    private GrpcFollower(Arrivals arrivals, long bytesPerSecond, ScheduledExecutorService timer) {
        super(arrivals, bytesPerSecond, timer);
    }

    static Follower start(
            Channel channel, String container, Arrivals arrivals, long bytesPerSecond, ScheduledExecutorService timer) {
        GrpcFollower follower = new GrpcFollower(arrivals, bytesPerSecond, timer);
        TimelinesGrpc.newStub(channel)
                .follow(FollowRequest.newBuilder().setContainer(container).build(), follower);
        return follower;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<FollowRequest> stream) {
        call = stream;
        stream.disableAutoRequestWithInitial(1);
    }

    @Override
    void request() {
        Objects.requireNonNull(call).request(1);
    }

    @Override
    public void onNext(FollowResponse response) {
        if (response.hasRecord()) {
            try {
                arrivals().record(response.getRecord());
            } catch (AssertionError e) {
                fail(e);
            }
        }
        took(response.getRecord().getOutput().getData().size());
    }

    @Override
    public void onError(Throwable cause) {
        fail(cause);
    }

    @Override
    public void onCompleted() {
        finish();
    }

    @Override
    public void close() {
        Objects.requireNonNull(call).cancel("the test is over", null);
    }
}
