package io.tailrace.server.stream;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.tailrace.server.errors.GrpcErrors;
import java.util.concurrent.Callable;

/** Runs calls with one answer on virtual threads, so that they may block. */
public final class UnaryCalls {
    private UnaryCalls() {}

    /** Answers a call. Work that was begun is finished, also when the client has left. */
    public static <T> void serve(StreamObserver<T> observer, Callable<T> work) {
        var call = (ServerCallStreamObserver<T>) observer;
        // Without a handler, answering a client that has left throws.
        call.setOnCancelHandler(() -> {});
        Thread.ofVirtual().name("call").start(() -> run(call, work));
    }

    /** Answers a call whose work only waits: it is interrupted when the client leaves. */
    public static <T> void serveInterruptibly(StreamObserver<T> observer, Callable<T> work) {
        var call = (ServerCallStreamObserver<T>) observer;
        Thread thread = Thread.ofVirtual().name("wait").unstarted(() -> run(call, work));
        call.setOnCancelHandler(thread::interrupt);
        thread.start();
    }

    private static <T> void run(ServerCallStreamObserver<T> call, Callable<T> work) {
        T answer;
        try {
            answer = work.call();
        } catch (InterruptedException e) {
            // The client has left: there is nobody to answer.
            return;
        } catch (Throwable e) {
            call.onError(GrpcErrors.of(e));
            return;
        }
        call.onNext(answer);
        call.onCompleted();
    }
}
