package io.tailrace.runtime.spi;

/** What takes connections in a container, as the container's own processes name it. */
public sealed interface Listener {
    /** A TCP port at the container's 127.0.0.1. @param number 1 to 65535 */
    record Port(int number) implements Listener {}

    /** A unix socket. @param path absolute, in the container; symbolic links are the container's */
    record Socket(String path) implements Listener {}
}
