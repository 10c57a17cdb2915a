package io.tailrace.runtime.conformance;

import io.tailrace.runtime.spi.ContainerRuntime;

/** A runtime under test, with an image to run processes from. Made for each test, closed after it. */
public interface RuntimeFixture extends AutoCloseable {
    /** Another connection to the same runtime underneath, as a restarted server opens it; the test closes it. */
    ContainerRuntime open();

    /** An image that is present; its commands are {@link #commands}. */
    String image();

    /** How processes of that image are told what to do. */
    Commands commands();

    @Override
    void close();
}
