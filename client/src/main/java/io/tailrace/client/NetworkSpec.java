package io.tailrace.client;

import io.tailrace.api.v1.CreateNetworkRequest;
import java.util.Map;

/** What a network is to be. Each method sets one thing and returns this. Not thread-safe. */
public final class NetworkSpec {
    private final CreateNetworkRequest.Builder request = CreateNetworkRequest.newBuilder();

    /** A network of a name: {@code [a-zA-Z0-9][a-zA-Z0-9_.-]*}, and none of host, bridge, none and default. */
    public NetworkSpec(String name) {
        request.setName(name);
    }

    /** Its IPv4 addresses, such as {@code 172.30.1.0/24}. By default a range that is free. */
    public NetworkSpec subnet(String subnet) {
        request.setSubnet(subnet);
        return this;
    }

    /** The host's address in its subnet. By default the first. */
    public NetworkSpec gateway(String gateway) {
        request.setGateway(gateway);
        return this;
    }

    /** Leaves it without a way out. */
    public NetworkSpec internal() {
        request.setInternal(true);
        return this;
    }

    /** Adds a label. */
    public NetworkSpec label(String name, String value) {
        request.putLabels(name, value);
        return this;
    }

    /** Adds labels. */
    public NetworkSpec labels(Map<String, String> labels) {
        request.putAllLabels(labels);
        return this;
    }

    CreateNetworkRequest request() {
        return request.build();
    }
}
