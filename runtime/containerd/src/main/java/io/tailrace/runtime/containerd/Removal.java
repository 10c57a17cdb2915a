package io.tailrace.runtime.containerd;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.tailrace.runtime.containerd.proto.containers.DeleteContainerRequest;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Removes all that a container is made of, however much of it there is: also what a create that was cut short left.
 * containerd's record goes last, so that what could not be removed is still found.
 */
final class Removal {
    private Removal() {}

    static void remove(Services services, String id, ContainerDirectory directory) {
        CompletableFuture<Void> snapshot =
                CompletableFuture.runAsync(() -> services.snapshots().remove(id), Thread::startVirtualThread);
        try {
            services.network().detach(id, directory);
            for (Stdio stdio : directory.leftStdio()) {
                stdio.remove(services.keeper());
            }
            Remains.remove(services.config(), id);
            snapshot.join();
            directory.remove();
            services.containerd()
                    .containers()
                    .delete(DeleteContainerRequest.newBuilder().setId(id).build());
        } catch (IOException failure) {
            throw Failures.of("remove container " + id, failure);
        } catch (CompletionException failure) {
            if (failure.getCause() instanceof StatusRuntimeException ofSnapshot) {
                throw Failures.of("remove snapshot of container " + id, ofSnapshot);
            }
            throw failure;
        } catch (StatusRuntimeException failure) {
            if (!Failures.is(failure, Status.Code.NOT_FOUND)) {
                throw Failures.of("remove container " + id, failure);
            }
        }
    }
}
