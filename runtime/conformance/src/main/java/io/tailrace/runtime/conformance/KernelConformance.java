package io.tailrace.runtime.conformance;

/**
 * {@link RuntimeConformance} for runtimes whose processes are real ones on a Linux kernel, from an image with busybox:
 * there every option of a container can be seen from inside.
 */
public abstract class KernelConformance extends RuntimeConformance
        implements OptionsConformance, ConnectionConformance, FilesConformance, LimitsConformance {
    /** For subclasses. */
    protected KernelConformance() {}
}
