package io.tailrace.server.v1;

import io.tailrace.api.v1.InputData;
import io.tailrace.api.v1.InputOpen;
import io.tailrace.api.v1.InputRequest;
import io.tailrace.api.v1.InputResponse;
import io.tailrace.engine.ContainerProcess;
import io.tailrace.engine.Engine;
import io.tailrace.engine.EngineException;
import io.tailrace.engine.ErrorCode;
import io.tailrace.server.stream.GrpcStream;
import io.tailrace.server.stream.Inbox;
import io.tailrace.server.stream.Processes;
import org.jspecify.annotations.Nullable;

/**
 * One client's writing to a process's stdin: the next message is asked for when the process has taken the one before, so
 * a process that does not read holds back this client and nobody else.
 */
final class InputBody {
    private final Engine engine;
    private final GrpcStream<InputResponse> stream;
    private final Inbox<InputRequest> inbox;

    InputBody(Engine engine, GrpcStream<InputResponse> stream, Inbox<InputRequest> inbox) {
        this.engine = engine;
        this.stream = stream;
        this.inbox = inbox;
    }

    void run() throws InterruptedException {
        InputRequest first = inbox.take();
        if (first == null || !first.hasOpen()) {
            throw new EngineException(ErrorCode.INVALID_ARGUMENT, "first message: not open (expected: open)");
        }
        InputOpen open = first.getOpen();
        ContainerProcess process = Processes.find(engine, open.getContainer(), open.getExec());
        Thread thread = Thread.currentThread();
        // A process that does not read must not keep the thread of a client that has left.
        stream.atEnd(thread::interrupt);
        acknowledge(process.stdinOffset());
        boolean isStdinOnce = open.getExec().isEmpty()
                && engine.container(open.getContainer()).request().isStdinOnce();
        try {
            write(process);
        } finally {
            if (isStdinOnce && !stream.isEndedByServer()) {
                process.closeStdin();
            }
        }
        stream.complete();
    }

    private void write(ContainerProcess process) throws InterruptedException {
        for (InputRequest request = inbox.take(); request != null; request = inbox.take()) {
            switch (request.getMessageCase()) {
                case DATA -> acknowledge(write(process, request.getData()));
                case CLOSE -> {
                    process.closeStdin();
                    acknowledge(process.stdinOffset());
                }
                case OPEN, MESSAGE_NOT_SET ->
                    throw new EngineException(
                            ErrorCode.INVALID_ARGUMENT,
                            "message: %s (expected: data or close)".formatted(name(request.getMessageCase())));
            }
        }
    }

    private static long write(ContainerProcess process, InputData data) throws InterruptedException {
        return process.writeStdin(data.getOffset(), data.getData().asReadOnlyByteBuffer());
    }

    private void acknowledge(long offset) throws InterruptedException {
        stream.awaitReady();
        stream.send(InputResponse.newBuilder().setAcknowledgedOffset(offset).build());
    }

    private static String name(InputRequest.@Nullable MessageCase message) {
        return message == InputRequest.MessageCase.OPEN ? "open" : "empty";
    }
}
