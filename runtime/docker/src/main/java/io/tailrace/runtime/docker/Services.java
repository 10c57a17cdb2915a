package io.tailrace.runtime.docker;

import java.nio.file.Path;

/** What all parts of one runtime share. */
record Services(EngineClient client, EngineFacts engine, EventWatch events, Path dataDirectory) {}
