package io.tailrace.server;

import com.linecorp.armeria.common.stream.ClosedStreamException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2RemoteFlowController;
import io.netty.handler.codec.http2.Http2Stream;

/**
 * Has a connection outlive a call that its client cancels while a part of the answer waits for the client to take more. That part
 * can be sent no more, and the library takes whatever could not be sent for a broken connection: it ends it with a GOAWAY, and
 * what the client asks next is refused. All but for {@link ClosedStreamException}, so the failure is told as one.
 */
final class UnsentFrames implements Http2RemoteFlowController {
    private final Http2RemoteFlowController delegate;

    private UnsentFrames(Http2RemoteFlowController delegate) {
        this.delegate = delegate;
    }

    /** To be called on the connection's event loop, before anything is sent. */
    static void watch(Http2Connection connection) {
        Http2Connection.Endpoint<Http2RemoteFlowController> remote = connection.remote();
        remote.flowController(new UnsentFrames(remote.flowController()));
    }

    @Override
    public void addFlowControlled(Http2Stream stream, FlowControlled frame) {
        delegate.addFlowControlled(stream, new Frame(frame));
    }

    private record Frame(FlowControlled delegate) implements FlowControlled {
        @Override
        public void error(ChannelHandlerContext context, Throwable cause) {
            boolean isOfClosedStream = cause instanceof Http2Exception.StreamException failure
                    && failure.error() == Http2Error.STREAM_CLOSED;
            // The cause stays in it: Netty looks for it there.
            delegate.error(context, isOfClosedStream ? new ClosedStreamException("unsent", cause) : cause);
        }

        @Override
        public boolean merge(ChannelHandlerContext context, FlowControlled next) {
            return delegate.merge(context, ((Frame) next).delegate);
        }

        @Override
        public int size() {
            return delegate.size();
        }

        @Override
        public void write(ChannelHandlerContext context, int allowedBytes) {
            delegate.write(context, allowedBytes);
        }

        @Override
        public void writeComplete() {
            delegate.writeComplete();
        }
    }

    @Override
    public boolean hasFlowControlled(Http2Stream stream) {
        return delegate.hasFlowControlled(stream);
    }

    @Override
    public void writePendingBytes() throws Http2Exception {
        delegate.writePendingBytes();
    }

    @Override
    public void listener(Listener listener) {
        delegate.listener(listener);
    }

    @Override
    public boolean isWritable(Http2Stream stream) {
        return delegate.isWritable(stream);
    }

    @Override
    public void channelWritabilityChanged() throws Http2Exception {
        delegate.channelWritabilityChanged();
    }

    @Override
    public void updateDependencyTree(int child, int parent, short weight, boolean isExclusive) {
        delegate.updateDependencyTree(child, parent, weight, isExclusive);
    }

    @Override
    public ChannelHandlerContext channelHandlerContext() {
        return delegate.channelHandlerContext();
    }

    @Override
    public void channelHandlerContext(ChannelHandlerContext context) throws Http2Exception {
        delegate.channelHandlerContext(context);
    }

    @Override
    public void initialWindowSize(int bytes) throws Http2Exception {
        delegate.initialWindowSize(bytes);
    }

    @Override
    public int initialWindowSize() {
        return delegate.initialWindowSize();
    }

    @Override
    public int windowSize(Http2Stream stream) {
        return delegate.windowSize(stream);
    }

    @Override
    public void incrementWindowSize(Http2Stream stream, int bytes) throws Http2Exception {
        delegate.incrementWindowSize(stream, bytes);
    }
}
