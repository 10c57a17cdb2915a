package io.tailrace.engine;

import io.tailrace.log.StdStream;
import io.tailrace.runtime.spi.ProcessSpec;
import io.tailrace.runtime.spi.RuntimeContainer;
import io.tailrace.runtime.spi.TerminalSize;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An exec process, folded from its timeline. Thread-safe. */
final class EngineExec implements Exec {
    private final EngineContainer container;
    private final String id;
    private final NewExec request;
    private final ProcessSpec spec;
    private final EngineProcess process;

    /** An exec whose {@code created} record is in its journal. */
    EngineExec(EngineContext context, EngineContainer container, String id, Journal journal) {
        this.container = container;
        this.id = id;
        Map<String, String> made = journal.fold().made();
        request = Json.read(made.getOrDefault(LifecycleEntry.REQUEST, ""), NewExec.class);
        spec = Json.read(made.getOrDefault(LifecycleEntry.SPEC, ""), ProcessSpec.class);
        process = new EngineProcess(context, journal, container.onFullDisk(), () -> {}, container::thaw);
    }

    /** The attributes of its {@code created} record. */
    static Map<String, String> made(NewExec request, ProcessSpec spec, String containerName) {
        return Map.of(
                "name",
                containerName,
                LifecycleEntry.REQUEST,
                Json.write(request),
                LifecycleEntry.SPEC,
                Json.write(spec));
    }

    void start(RuntimeContainer runtimeContainer) {
        process.start(() -> runtimeContainer.prepareExec(id, spec), fold -> true);
    }

    void adopt(Optional<RuntimeContainer> runtimeContainer) {
        process.adopt(runtimeContainer.flatMap(found -> found.recoverExec(id)));
        process.endUnstarted();
    }

    EngineProcess process() {
        return process;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public NewExec request() {
        return request;
    }

    @Override
    public Container container() {
        return container;
    }

    @Override
    public String timelineId() {
        return process.timelineId();
    }

    @Override
    public String problem() {
        return process.problem();
    }

    @Override
    public ProcessStatus status() {
        return process.status();
    }

    @Override
    public Subscription subscribe(SubscriptionRequest wanted) {
        return process.subscribe(wanted);
    }

    @Override
    public OutputLine awaitLine(LineRequest request) throws InterruptedException {
        return process.awaitLine(request);
    }

    @Override
    public long streamLength(StdStream stream) {
        return process.streamLength(stream);
    }

    @Override
    public long offsetAtTime(StdStream stream, Instant time) {
        return process.offsetAtTime(stream, time);
    }

    @Override
    public long offsetOfLastLines(StdStream stream, long lines, @Nullable Instant until) {
        return process.offsetOfLastLines(stream, lines, until);
    }

    @Override
    public long writeStdin(long offset, ByteBuffer data) throws InterruptedException {
        return process.writeStdin(offset, data);
    }

    @Override
    public long stdinOffset() {
        return process.stdinOffset();
    }

    @Override
    public void closeStdin() {
        process.closeStdin();
    }

    @Override
    public void resize(TerminalSize size) {
        process.resize(size);
    }

    @Override
    public void signal(Signal signal) {
        process.signal(signal);
    }
}
