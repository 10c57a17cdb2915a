package io.tailrace.runtime.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tailrace.runtime.spi.Capability;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ContainerSpec.NetworkAttachment;
import io.tailrace.runtime.spi.Endpoints;
import io.tailrace.runtime.spi.Network;
import io.tailrace.runtime.spi.NetworkSpec;
import io.tailrace.runtime.spi.RuntimeContainer;
import io.tailrace.runtime.spi.RuntimeProcess;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** User-defined networks: containers find each other by name in them, and nobody else. */
interface NetworkConformance {
    Bench bench();

    @Test
    default void aNetworkIsThereFromItsMakingToItsRemovalAlsoForTheNextServer() {
        assumeTrue(bench().can(Capability.NETWORKS));
        NetworkSpec spec = new NetworkSpec(Bench.networkName(), "", "", false, Map.of("k", "v"));
        Network made = bench().network(spec);
        assertThat(made.id()).matches("[0-9a-f]{64}");
        assertThat(made.subnet()).matches("\\d+\\.\\d+\\.\\d+\\.\\d+/\\d+");
        assertThat(made.gateway()).matches("\\d+\\.\\d+\\.\\d+\\.\\d+");
        assertThat(made.labels()).isEqualTo(Map.of("k", "v"));
        assertRefused(Code.ALREADY_EXISTS, () -> bench().network(spec));
        bench().reopen();
        assertThat(bench().runtime().networks().get(spec.name())).isEqualTo(made);
        assertThat(bench().runtime().networks().list()).contains(made);
        bench().runtime().networks().remove(spec.name());
        assertThat(bench().runtime().networks().list()).doesNotContain(made);
        assertRefused(Code.NOT_FOUND, () -> bench().runtime().networks().get(spec.name()));
        assertRefused(Code.NOT_FOUND, () -> bench().runtime().networks().remove(spec.name()));
    }

    @Test
    default void aSubnetIsTakenOnce() {
        assumeTrue(bench().can(Capability.NETWORKS));
        Network made = bench().network();
        NetworkSpec same = new NetworkSpec(Bench.networkName(), made.subnet(), "", false, Map.of());
        assertRefused(Code.FAILED_PRECONDITION, () -> bench().network(same));
        assertRefused(Code.NOT_FOUND, () -> bench().runtime().networks().get(same.name()));
    }

    @Test
    default void aContainerOfAnUnknownNetworkIsNotMade() {
        assumeTrue(bench().can(Capability.NETWORKS));
        var spec = bench().specIn(new NetworkAttachment(Bench.networkName(), List.of("a"), ""));
        assertRefused(Code.NOT_FOUND, () -> bench().create(spec));
        assertThat(bench().runtime().handles()).noneMatch(handle -> handle.contains(spec.id()));
    }

    @Test
    default void aNetworkStaysAsLongAsItHasAContainer() {
        assumeTrue(bench().can(Capability.NETWORKS));
        Network network = bench().network();
        RuntimeContainer container = bench().create(bench().specIn(in(network, "a")));
        container.prepare().start();
        assertRefused(
                Code.FAILED_PRECONDITION, () -> bench().runtime().networks().remove(network.name()));
        assertThat(bench().runtime().networks().list()).contains(network);
        assertThat(find(container, "a")).isPresent();
    }

    @Test
    default void containersFindEachOtherByEveryNameAsLongAsTheyRun() throws Exception {
        assumeTrue(bench().can(Capability.NETWORKS));
        Network network = bench().network();
        RuntimeContainer seeker = start(in(network, "seeker"));
        assertThat(find(seeker, "web")).isEmpty();
        RuntimeContainer web = bench().create(bench().specIn(in(network, "web", "www.example", "0123456789ab")));
        assertThat(find(seeker, "web")).isEmpty();
        for (int run = 0; run < 2; run++) {
            RuntimeProcess process = web.prepare();
            process.start();
            Endpoints endpoints = web.endpoints();
            assertThat(endpoints.networks()).hasSize(1);
            NetworkAttachment attachment = endpoints.networks().getFirst();
            assertThat(attachment.network()).isEqualTo(network.name());
            assertThat(attachment.aliases()).contains("web", "www.example", "0123456789ab");
            assertThat(attachment.address()).isEqualTo(endpoints.address());
            for (String name : List.of("web", "www.example", "0123456789ab")) {
                assertThat(find(seeker, name)).as(name).contains(attachment.address());
            }
            assertThat(find(web, "seeker")).contains(seeker.endpoints().address());
            bench().reopen();
            seeker = bench().runtime().recover(seeker.handle());
            web = bench().runtime().recover(web.handle());
            assertThat(find(seeker, "web")).contains(attachment.address());
            RuntimeProcess found = web.process().orElseThrow();
            found.signal(9);
            Bench.exitOf(found);
            found.delete();
            assertThat(find(seeker, "web")).isEmpty();
        }
    }

    @Test
    default void aContainerThatIsRenamedIsFoundByItsNewNameAndNoMoreByTheOld() throws Exception {
        assumeTrue(bench().can(Capability.NETWORKS));
        Network network = bench().network();
        RuntimeContainer seeker = start(in(network, "seeker"));
        RuntimeContainer web = start(in(network, "before", "stays"));
        String address = web.endpoints().address();
        web.updateNames(List.of(in(network, "after", "stays")));
        assertThat(find(seeker, "after")).contains(address);
        assertThat(find(seeker, "stays")).contains(address);
        assertThat(find(seeker, "before")).isEmpty();
        web.updateNames(List.of(in(network, "after", "stays")));
        RuntimeProcess process = web.process().orElseThrow();
        process.signal(9);
        Bench.exitOf(process);
        process.delete();
        web.updateNames(List.of(in(network, "last")));
        web.prepare().start();
        assertThat(find(seeker, "last")).contains(web.endpoints().address());
        assertThat(find(seeker, "after")).isEmpty();
    }

    @Test
    default void namesAreThoseOfTheNetworksThatAContainerIsIn() {
        assumeTrue(bench().can(Capability.NETWORKS));
        Network one = bench().network();
        Network other = bench().network();
        RuntimeContainer inOne = start(in(one, "first"));
        RuntimeContainer inOther = start(in(other, "second"));
        RuntimeContainer inBoth = start(in(one, "both"), in(other, "both-there"));
        assertThat(find(inOne, "second")).isEmpty();
        assertThat(find(inOther, "first")).isEmpty();
        assertThat(find(inOne, "both-there")).isEmpty();
        assertThat(find(inBoth, "first")).contains(inOne.endpoints().address());
        assertThat(find(inBoth, "second")).contains(inOther.endpoints().address());
        for (NetworkAttachment attachment : inBoth.endpoints().networks()) {
            boolean isOne = attachment.network().equals(one.name());
            assertThat(find(isOne ? inOne : inOther, isOne ? "both" : "both-there"))
                    .contains(attachment.address());
        }
    }

    @Test
    default void anAddressThatIsAskedForIsTheContainersAlone() {
        assumeTrue(bench().can(Capability.NETWORKS));
        Network network = bench().network();
        String address = network.subnet().substring(0, network.subnet().lastIndexOf('.')) + ".99";
        RuntimeContainer first = start(new NetworkAttachment(network.name(), List.of("first"), address));
        assertThat(first.endpoints().address()).isEqualTo(address);
        var taken = bench().specIn(new NetworkAttachment(network.name(), List.of("second"), address));
        assertRefused(Code.FAILED_PRECONDITION, () -> {
            RuntimeProcess process = bench().create(taken).prepare();
            try {
                process.start();
            } finally {
                process.delete();
            }
        });
        assertThat(find(first, "second")).isEmpty();
    }

    private RuntimeContainer start(NetworkAttachment... networks) {
        RuntimeContainer container = bench().create(bench().specIn(networks));
        container.prepare().start();
        return container;
    }

    private static NetworkAttachment in(Network network, String... names) {
        return new NetworkAttachment(network.name(), List.of(names), "");
    }

    /** The address that a container finds under a name. */
    private Optional<String> find(RuntimeContainer container, String name) {
        try {
            RuntimeProcess process = container.prepareExec(
                    Bench.newId(), bench().process(bench().commands().resolves(name)));
            Reading out = Reading.of(process.stdout());
            process.start();
            String found = Bench.text(out.await()).strip();
            boolean isFound = Bench.exitOf(process).exitCode() == 0;
            process.delete();
            return isFound ? Optional.of(found) : Optional.empty();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static void assertRefused(Code code, Runnable call) {
        assertThatThrownBy(call::run)
                .isInstanceOf(ContainerRuntimeException.class)
                .extracting("code")
                .isEqualTo(code);
    }
}
