package io.tailrace.server;

import org.jspecify.annotations.Nullable;

/** The version of this build. */
final class Version {
    private Version() {}

    /** As its jar says; {@code development} outside of one. */
    static String current() {
        @Nullable String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
