package io.tailrace.runtime.containerd;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.FieldMask;
import io.tailrace.runtime.containerd.proto.containers.Container;
import io.tailrace.runtime.containerd.proto.containers.GetContainerRequest;
import io.tailrace.runtime.containerd.proto.containers.UpdateContainerRequest;
import io.tailrace.runtime.spi.ContainerSpec.Limits;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** containerd's record of a container: the specification that its next run starts from. */
final class StoredContainer {
    private final ObjectMapper json = new ObjectMapper();
    private final Containerd containerd;
    private final String id;

    StoredContainer(Containerd containerd, String id) {
        this.containerd = containerd;
        this.id = id;
    }

    /** The limits in the specification. */
    Limits limits() {
        return OciResources.limits(spec().at("/linux/resources"));
    }

    /** Replaces the limits in the specification; the devices stay. */
    void updateLimits(Map<String, Object> limits) {
        ObjectNode spec = spec();
        ObjectNode resources = spec.withObject("/linux/resources");
        resources.remove(List.of("memory", "cpu", "pids"));
        limits.forEach(resources::putPOJO);
        containerd
                .containers()
                .update(UpdateContainerRequest.newBuilder()
                        .setContainer(Container.newBuilder().setId(id).setSpec(OciSpec.any(OciSpec.SPEC_TYPE, spec)))
                        .setUpdateMask(FieldMask.newBuilder().addPaths("spec"))
                        .build());
    }

    /** What is bound into the container, in the order in which it is mounted. */
    List<Bind> binds() {
        List<Bind> binds = new ArrayList<>();
        for (JsonNode mount : spec().path("mounts")) {
            if (mount.path("type").asText().equals("bind")) {
                boolean isReadOnly = false;
                for (JsonNode option : mount.path("options")) {
                    isReadOnly = isReadOnly || option.asText().equals("ro");
                }
                binds.add(new Bind(
                        mount.path("source").asText(), mount.path("destination").asText(), isReadOnly));
            }
        }
        return binds;
    }

    /** Whether its root file system is not to be written to. */
    boolean isReadOnly() {
        return spec().path("root").path("readonly").asBoolean();
    }

    /** Where something is mounted into it. */
    Set<String> mountPoints() {
        Set<String> points = new HashSet<>();
        spec().path("mounts")
                .forEach(mount -> points.add(mount.path("destination").asText()));
        return points;
    }

    private ObjectNode spec() {
        Container container = containerd
                .containers()
                .get(GetContainerRequest.newBuilder().setId(id).build())
                .getContainer();
        try {
            return (ObjectNode) json.readTree(container.getSpec().getValue().toByteArray());
        } catch (IOException broken) {
            throw Failures.of("specification of container " + id, broken);
        }
    }

    /** A file or directory of the host that the container sees. @param target absolute, in the container */
    record Bind(String source, String target, boolean isReadOnly) {}
}
