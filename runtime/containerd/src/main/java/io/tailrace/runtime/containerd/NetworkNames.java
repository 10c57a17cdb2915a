package io.tailrace.runtime.containerd;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the containers of user-defined networks find each other by name: the hosts file of each that has an init process
 * lists the others that have one. Names so resolve while no server runs, too (docs/decisions/0009).
 *
 * <p>Who is listed is derived: from the directories of the containers, when this is opened. Thread-safe.
 */
final class NetworkNames {
    private static final Logger LOGGER = LoggerFactory.getLogger(NetworkNames.class);
    /** Each of them has all others in its hosts file, and each start rewrites all of these. */
    private static final int MEMBERS_MAX = 1_000;

    private final BridgeNetwork network;

    /** By container id. */
    @GuardedBy("this") private final Map<String, Member> members = new TreeMap<>();

    /** A container that is in a network. @param addresses in the order of its memberships */
    private record Member(ContainerDirectory directory, List<Membership> memberships, List<String> addresses) {
        boolean isIn(Set<String> networkIds) {
            return memberships.stream().anyMatch(membership -> networkIds.contains(membership.networkId()));
        }

        Set<String> networkIds() {
            return memberships.stream().map(Membership::networkId).collect(Collectors.toSet());
        }
    }

    NetworkNames(BridgeNetwork network) {
        this.network = network;
    }

    /** Lists again what an earlier server had listed, as far as it is still there. */
    synchronized void load(Path dataDirectory) {
        for (String id : ContainerDirectory.ids(dataDirectory)) {
            ContainerDirectory directory = ContainerDirectory.of(dataDirectory, id);
            try {
                if (Stdio.existing(directory.init()).isPresent()) {
                    read(directory).ifPresent(member -> members.put(id, member));
                }
            } catch (IOException unreadable) {
                LOGGER.warn("container {}: its names are not known: {}", id, unreadable.getMessage());
            }
        }
        members.values().forEach(this::rewriteOrWarn);
    }

    /** Lists a container that is about to have an init process; one that is in no such network is left alone. */
    synchronized void add(String id, ContainerDirectory directory) throws IOException {
        var member = read(directory);
        if (member.isEmpty()) {
            return;
        }
        Set<String> networkIds = member.get().networkIds();
        for (String networkId : networkIds) {
            long others = members.entrySet().stream()
                    .filter(other ->
                            !other.getKey().equals(id) && other.getValue().isIn(Set.of(networkId)))
                    .count();
            if (others >= MEMBERS_MAX) {
                throw new ContainerRuntimeException(
                        Code.RESOURCE_EXHAUSTED,
                        "network %s: %d containers run in it (expected: at most %d)"
                                .formatted(networkId, others, MEMBERS_MAX));
            }
        }
        members.put(id, member.get());
        rewrite(member.get());
        rewriteOthers(id, networkIds);
    }

    /** Lists a container no more. Not listed: nothing. */
    synchronized void remove(String id) {
        Member gone = members.remove(id);
        if (gone != null) {
            rewriteOthers(id, gone.networkIds());
        }
    }

    /** A container has other names. Not listed: nothing. */
    synchronized void change(String id) throws IOException {
        Member known = members.get(id);
        if (known != null) {
            add(id, known.directory());
        }
    }

    private Optional<Member> read(ContainerDirectory directory) throws IOException {
        List<Membership> memberships = directory.memberships();
        List<String> addresses = network.places(directory).stream()
                .map(BridgeNetwork.Place::address)
                .map(InetAddress::getHostAddress)
                .toList();
        return memberships.isEmpty() || addresses.size() < memberships.size()
                ? Optional.empty()
                : Optional.of(new Member(directory, memberships, addresses));
    }

    @GuardedBy("this") private void rewriteOthers(String id, Set<String> networkIds) {
        members.forEach((other, member) -> {
            if (!other.equals(id) && member.isIn(networkIds)) {
                rewriteOrWarn(member);
            }
        });
    }

    @GuardedBy("this") private void rewriteOrWarn(Member member) {
        try {
            rewrite(member);
        } catch (IOException left) {
            LOGGER.warn(
                    "{}: names in its networks are as they were: {}",
                    member.directory().path(),
                    left.getMessage());
        }
    }

    @GuardedBy("this") private void rewrite(Member member) throws IOException {
        try {
            String base = Files.readString(member.directory().hostsBase());
            HostsFile.rewrite(member.directory().path().resolve("hosts"), base + lines(member));
        } catch (NoSuchFileException removed) {
            // It is being removed.
        }
    }

    /** One for each container, in each network that the two share; its own come first. */
    @GuardedBy("this") private String lines(Member member) {
        String hostname = member.directory().hostname();
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < member.memberships().size(); i++) {
            Membership own = member.memberships().get(i);
            lines.add(line(member.addresses().get(i), hostname, own.names()));
        }
        for (Membership own : member.memberships()) {
            for (Member other : members.values()) {
                for (int i = 0; i < other.memberships().size(); i++) {
                    Membership others = other.memberships().get(i);
                    if (!other.directory().equals(member.directory())
                            && others.networkId().equals(own.networkId())) {
                        lines.add(line(other.addresses().get(i), "", others.names()));
                    }
                }
            }
        }
        return String.join("", lines);
    }

    private static String line(String address, String hostname, List<String> names) {
        Set<String> all = new LinkedHashSet<>();
        if (!hostname.isEmpty()) {
            all.add(hostname);
        }
        all.addAll(names);
        return all.isEmpty() ? "" : address + "\t" + String.join(" ", all) + "\n";
    }
}
