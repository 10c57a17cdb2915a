package io.tailrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The answers of a streaming call, taken one at a time; how many may arrive ahead is the test's to say. */
final class Answers<Q, A> implements ClientResponseObserver<Q, A> {
    private static final long PATIENCE_SECONDS = 20;

    private final BlockingQueue<Object> events = new LinkedBlockingQueue<>();
    private final boolean isManual;
    private ClientCallStreamObserver<Q> call;

    private Answers(boolean isManual) {
        this.isManual = isManual;
    }

    /** Answers that arrive as they come. */
    static <Q, A> Answers<Q, A> flowing() {
        return new Answers<>(false);
    }

    /** Answers of which none arrives before {@link #ask}. */
    static <Q, A> Answers<Q, A> stopped() {
        return new Answers<>(true);
    }

    private record End(Status status) {}

    @Override
    public void beforeStart(ClientCallStreamObserver<Q> stream) {
        call = stream;
        if (isManual) {
            stream.disableAutoRequestWithInitial(0);
        }
    }

    @Override
    public void onNext(A answer) {
        events.add(answer);
    }

    @Override
    public void onError(Throwable cause) {
        events.add(new End(Status.fromThrowable(cause)));
    }

    @Override
    public void onCompleted() {
        events.add(new End(Status.OK));
    }

    void ask(int count) {
        call.request(count);
    }

    void cancel() {
        call.cancel("the test leaves", null);
    }

    /** The next answer. */
    @SuppressWarnings("unchecked")
    A next() {
        Object event = event();
        assertThat(event).isNotInstanceOf(End.class);
        return (A) event;
    }

    /** Whether the next event is an answer, and not the end. */
    boolean isAnswered() {
        return !(event() instanceof End);
    }

    /** The status after the last answer, which must come now. */
    Status end() {
        Object event = event();
        assertThat(event).isInstanceOf(End.class);
        return ((End) event).status();
    }

    /** All answers up to a good end. */
    List<A> all() {
        List<A> answers = new ArrayList<>();
        Status status = drain(answers);
        if (!status.isOk()) {
            throw new StatusRuntimeException(status);
        }
        return answers;
    }

    /** All answers, and the status after them. */
    @SuppressWarnings("unchecked")
    Status drain(List<A> answers) {
        while (true) {
            Object event = event();
            if (event instanceof End end) {
                return end.status();
            }
            answers.add((A) event);
        }
    }

    private Object event() {
        try {
            Object event = events.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertThat(event).as("something within %d s", PATIENCE_SECONDS).isNotNull();
            return event;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
