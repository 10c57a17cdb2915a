package io.tailrace.engine;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.tailrace.runtime.spi.ContainerSpec.NetworkAttachment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Which networks, and which addresses in them, are in use: by the containers there are, and by those that are being made.
 * Thread-safe. Its lock is held while the registry is asked, and not while the runtime works.
 */
final class NetworkUses {
    private final Registry registry;
    private final Problems problems;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /** Those of containers that are being made. */
    @GuardedBy("lock") private final Set<Claim> claims = new HashSet<>();

    /** Networks that are being removed. */
    @GuardedBy("lock") private final Set<String> leaving = new HashSet<>();

    NetworkUses(Registry registry, Problems problems) {
        this.registry = registry;
        this.problems = problems;
    }

    /** What a container that is being made is to be attached to; given up when it is there, or is not made after all. */
    final class Claim implements AutoCloseable {
        private final List<NetworkAttachment> attachments;

        private Claim(List<NetworkAttachment> attachments) {
            this.attachments = attachments;
        }

        @Override
        public void close() {
            lock.lock();
            try {
                claims.remove(this);
            } finally {
                lock.unlock();
            }
        }
    }

    /** Waits for removals that have begun. @throws EngineException FAILED_PRECONDITION if an address is taken */
    Claim claim(String containerId, List<NetworkAttachment> attachments) {
        lock.lock();
        try {
            for (NetworkAttachment attachment : attachments) {
                awaitLeft(attachment.network());
                checkAddress(containerId, attachment);
            }
            Claim claim = new Claim(attachments);
            claims.add(claim);
            return claim;
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock") private void checkAddress(String containerId, NetworkAttachment wanted) {
        if (wanted.address().isEmpty()) {
            return;
        }
        checkKnown(
                "address: %s (expected: none asked for while a container's timeline cannot be opened; it may have it)"
                        .formatted(wanted.address()));
        for (EngineContainer container : present()) {
            if (!container.id().equals(containerId)
                    && hasAddress(container.spec().networks(), wanted)) {
                throw taken(wanted, "container " + container.name());
            }
        }
        for (Claim claim : claims) {
            if (hasAddress(claim.attachments, wanted)) {
                throw taken(wanted, "a container that is being made");
            }
        }
    }

    private static boolean hasAddress(List<NetworkAttachment> attachments, NetworkAttachment wanted) {
        return attachments.stream()
                .anyMatch(other -> other.network().equals(wanted.network())
                        && other.address().equals(wanted.address()));
    }

    private static EngineException taken(NetworkAttachment wanted, String owner) {
        return new EngineException(
                ErrorCode.FAILED_PRECONDITION,
                "address: %s (expected: one that is free in network %s; %s has it)"
                        .formatted(wanted.address(), wanted.network(), owner));
    }

    /** Removes a network while nobody can be attached to it. @throws EngineException FAILED_PRECONDITION if somebody is */
    void alone(String network, Runnable removal) {
        checkKnown();
        lock.lock();
        try {
            awaitLeft(network);
            String user = user(network);
            if (user != null) {
                throw new EngineException(
                        ErrorCode.FAILED_PRECONDITION,
                        "network %s is used by %s (expected: that removed first)".formatted(network, user));
            }
            leaving.add(network);
        } finally {
            lock.unlock();
        }
        try {
            removal.run();
        } finally {
            lock.lock();
            try {
                leaving.remove(network);
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    /** @throws EngineException FAILED_PRECONDITION while there are containers of which nobody knows where they are attached */
    void checkKnown() {
        checkKnown("networks: none can be removed while a container's timeline cannot be opened (it may have any)");
    }

    private void checkKnown(String message) {
        if (problems.areThere(Problems.Kind.UNOPENED)) {
            throw new EngineException(ErrorCode.FAILED_PRECONDITION, message);
        }
    }

    /** The runtime bounds the time that a removal takes. */
    @GuardedBy("lock") private void awaitLeft(String network) {
        while (leaving.contains(network)) {
            changed.awaitUninterruptibly();
        }
    }

    @GuardedBy("lock") private @Nullable String user(String network) {
        for (EngineContainer container : present()) {
            if (isIn(container.spec().networks(), network)) {
                return "container " + container.name();
            }
        }
        return claims.stream().anyMatch(claim -> isIn(claim.attachments, network))
                ? "a container that is being made"
                : null;
    }

    private static boolean isIn(List<NetworkAttachment> attachments, String network) {
        return attachments.stream().anyMatch(attachment -> attachment.network().equals(network));
    }

    private List<EngineContainer> present() {
        List<EngineContainer> present = new ArrayList<>(registry.list());
        present.removeIf(container -> container.status().state() == ContainerState.REMOVED);
        return present;
    }
}
