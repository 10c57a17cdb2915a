package io.tailrace.server;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2ConnectionHandler;

/**
 * Declines the upgrade from HTTP/1.1 to HTTP/2 that some clients ask for with their first request, which goes on as HTTP/1.1
 * then. The upgrade is gone from the standard (RFC 9113, 3.1), and the JDK's own {@code HttpClient}, which asks for it unless told
 * otherwise, loses its place in an answer that comes right behind the upgrade: one of some hundred ended in a protocol error,
 * though every byte on the wire was right (JDK 25). HTTP/2 is spoken with those who begin with it.
 *
 * <p>The library has no setting for it, and builds the pipeline of a connection when it has the first four bytes. So they are
 * handed to it alone: behind them, the place for {@link Declining} is there, and so is what speaks HTTP/2, for {@link UnsentFrames}.
 */
final class Http2Upgrade extends ChannelInboundHandlerAdapter {
    /** What tells HTTP/2 from HTTP/1.1: the "PRI " of its preface (RFC 9113, 3.4). */
    private static final int TELLING_BYTES = 4;

    /** The library's handler of upgrades, which is in the pipeline of HTTP/1.1: its type is the library's own. */
    private static final String UPGRADING = "HttpServerUpgradeHandler#0";

    private int bytes;

    private Http2Upgrade() {}

    /** For every new connection. */
    static void decline(ChannelPipeline pipeline) {
        pipeline.addFirst(new Http2Upgrade());
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        var read = (ByteBuf) message;
        int telling = Math.min(TELLING_BYTES - bytes, read.readableBytes());
        bytes += telling;
        context.fireChannelRead(read.readRetainedSlice(telling));
        if (bytes == TELLING_BYTES) {
            ChannelPipeline pipeline = context.pipeline();
            if (pipeline.context(UPGRADING) != null) {
                pipeline.addBefore(UPGRADING, null, Declining.INSTANCE);
            }
            var http2 = pipeline.get(Http2ConnectionHandler.class);
            if (http2 != null) {
                UnsentFrames.watch(http2.connection());
            }
            pipeline.remove(this);
        }
        context.fireChannelRead(read);
    }

    @Sharable
    private static final class Declining extends ChannelInboundHandlerAdapter {
        private static final Declining INSTANCE = new Declining();

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (message instanceof HttpRequest request) {
                var headers = request.headers();
                if (headers.contains(Http2CodecUtil.HTTP_UPGRADE_SETTINGS_HEADER)) {
                    headers.remove(Http2CodecUtil.HTTP_UPGRADE_SETTINGS_HEADER);
                    headers.remove(HttpHeaderNames.UPGRADE);
                }
            }
            context.fireChannelRead(message);
        }
    }
}
