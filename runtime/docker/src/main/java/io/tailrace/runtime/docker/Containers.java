package io.tailrace.runtime.docker;

import java.util.Optional;

/** Looks containers up. */
final class Containers {
    private Containers() {}

    static Optional<ContainerView> find(EngineClient client, Place place) {
        Answer answer = client.get(place.path("/json"));
        return answer.status() == Answer.NOT_FOUND
                ? Optional.empty()
                : Optional.of(ContainerView.of(answer.json("look up " + place)));
    }
}
