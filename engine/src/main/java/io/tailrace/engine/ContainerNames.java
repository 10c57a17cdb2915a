package io.tailrace.engine;

import io.tailrace.runtime.spi.ContainerSpec.NetworkAttachment;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The names under which others find a container in a network. */
final class ContainerNames {
    private static final int SHORT_ID_DIGITS = 12;

    /** What a name means in every container. */
    static final String LOCALHOST = "localhost";

    private ContainerNames() {}

    /** Its own first, then its short id and its aliases. */
    static List<String> of(String name, String id, List<String> aliases) {
        Set<String> names = new LinkedHashSet<>();
        names.add(name);
        names.add(id.substring(0, SHORT_ID_DIGITS));
        names.addAll(aliases);
        names.remove(LOCALHOST);
        return List.copyOf(names);
    }

    /** The attachments that a container was made with, under the name that it has now. */
    static List<NetworkAttachment> renamed(EngineContainer container) {
        List<NetworkAttachment> attachments = new ArrayList<>();
        List<NetworkAttachment> made = container.spec().networks();
        for (int i = 0; i < made.size(); i++) {
            List<String> aliases = container.request().networks().get(i).aliases();
            attachments.add(new NetworkAttachment(
                    made.get(i).network(),
                    of(container.name(), container.id(), aliases),
                    made.get(i).address()));
        }
        return attachments;
    }
}
