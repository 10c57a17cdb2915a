package io.tailrace.acceptance;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.tailrace.api.v1.CreateNetworkRequest;
import io.tailrace.api.v1.Network;
import io.tailrace.api.v1.NetworksGrpc;
import io.tailrace.api.v1.RemoveNetworkRequest;
import io.tailrace.api.v1.RemoveVolumeRequest;
import io.tailrace.api.v1.VolumesGrpc;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What rows of the table of options need to be there before they are asked for.
 *
 * @param address free in the network {@link #NETWORK}
 * @param devices a directory of the host's with the device {@code zero} in it
 * @param udpPort free on the host
 */
record OptionPlace(String address, String devices, int udpPort) {
    static final String NETWORK = "options";
    /** Made by the row that mounts it. */
    static final String VOLUME = "options";

    private static final Duration LIMIT = Duration.ofSeconds(10);
    /** In its subnet, which has more: the lower ones are given to who asks for none. */
    private static final int HOST_NUMBER = 200;

    /** Makes what there has to be on a server. */
    static OptionPlace make(TailraceServerProcess server) {
        try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            Path devices = Files.createDirectories(server.shared().resolve("devices"));
            Path zero = devices.resolve("zero");
            if (Files.notExists(zero)) {
                Command.run(LIMIT, List.of("mknod", "-m", "666", zero.toString(), "c", "1", "5"))
                        .succeeded();
            }
            return new OptionPlace(addressIn(subnet(server)), devices.toString(), socket.getLocalPort());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String addressIn(String subnet) {
        return subnet.substring(0, subnet.lastIndexOf('.') + 1) + HOST_NUMBER;
    }

    private static String subnet(TailraceServerProcess server) {
        try {
            Network network = NetworksGrpc.newBlockingStub(server.api().channel())
                    .create(CreateNetworkRequest.newBuilder().setName(NETWORK).build());
            return network.getSubnet();
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() == Status.Code.UNIMPLEMENTED) {
                return "192.0.2.0/24"; // the rows tell it
            }
            throw e;
        }
    }

    /** Removes it again. */
    static void remove(TailraceServerProcess server) {
        passing(
                Status.Code.UNIMPLEMENTED,
                () -> NetworksGrpc.newBlockingStub(server.api().channel())
                        .remove(RemoveNetworkRequest.newBuilder()
                                .setNetwork(NETWORK)
                                .build()));
        passing(
                Status.Code.NOT_FOUND,
                () -> VolumesGrpc.newBlockingStub(server.api().channel())
                        .remove(RemoveVolumeRequest.newBuilder()
                                .setVolume(VOLUME)
                                .build()));
    }

    private static void passing(Status.Code code, Runnable call) {
        try {
            call.run();
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() != code && e.getStatus().getCode() != Status.Code.UNIMPLEMENTED) {
                throw e;
            }
        }
    }
}
