package io.tailrace.runtime.conformance;

import io.tailrace.runtime.spi.ContainerRuntime;

/** The scripted runtime is held to the suite, with pipes in memory. */
class ScriptedRuntimeTest extends RuntimeConformance {
    @Override
    protected RuntimeFixture openFixture() {
        return new ScriptedFixture(ScriptedRuntime.open());
    }

    /** Connections to one scripted machine. */
    record ScriptedFixture(ScriptedRuntime first) implements RuntimeFixture {
        @Override
        public ContainerRuntime open() {
            return first.reopen();
        }

        @Override
        public String image() {
            return "scripted";
        }

        @Override
        public Commands commands() {
            return Commands.scripted();
        }

        @Override
        public void close() {
            first.close();
        }
    }
}
