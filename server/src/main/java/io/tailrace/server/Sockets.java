package io.tailrace.server;

import com.linecorp.armeria.server.ServerBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** What the doors ask of sockets, where the library's own choice does not do. */
final class Sockets {
    private Sockets() {}

    /** The thread that accepts a port's connections. Netty's own would wait for two quiet seconds at its end. */
    static EventLoopGroup acceptors(String threadName, Duration stopTimeout) {
        IoHandlerFactory io = Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        return new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory(threadName, true), io) {
            @Override
            public Future<?> shutdownGracefully() {
                return shutdownGracefully(0, stopTimeout.toMillis(), TimeUnit.MILLISECONDS);
            }
        };
    }

    /**
     * Has the kernel look after connections on which nothing is sent, so that a client whose machine is gone is noticed.
     * Left to itself, the library would ask unix sockets for that too, and warn at each that they do not know it.
     */
    static void keepAlive(ServerBuilder builder, Duration interval) {
        if (!Epoll.isAvailable()) {
            return;
        }
        int seconds = Math.toIntExact(interval.toSeconds());
        builder.childChannelOption(EpollChannelOption.TCP_KEEPIDLE, seconds)
                .childChannelOption(EpollChannelOption.TCP_KEEPINTVL, seconds)
                .childChannelPipelineCustomizer(pipeline -> {
                    if (pipeline.channel() instanceof SocketChannel tcp) {
                        tcp.config().setKeepAlive(true);
                    }
                });
    }
}
