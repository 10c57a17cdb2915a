package io.tailrace.server;

import com.linecorp.armeria.common.FlagsProvider;
import com.linecorp.armeria.common.util.TlsEngineType;

/**
 * What this server asks of Armeria for the whole process. It speaks no TLS itself; left alone, Armeria would look for a
 * TLS engine at start, which unpacks and loads a native library.
 */
public final class LibraryFlags implements FlagsProvider {
    /** Between a system property, which still overrides this, and the library's defaults. */
    private static final int PRIORITY = 10;

    /** Made by Armeria, from the services of the class path. */
    public LibraryFlags() {}

    @Override
    public int priority() {
        return PRIORITY;
    }

    @Override
    public TlsEngineType tlsEngineType() {
        return TlsEngineType.JDK;
    }
}
