package io.tailrace.engine;

/** An exec process of a container. Thread-safe. */
public interface Exec extends ContainerProcess {
    /** Unique in its container. */
    String id();

    /** What was asked for. */
    NewExec request();

    /** The container it runs in. */
    Container container();
}
