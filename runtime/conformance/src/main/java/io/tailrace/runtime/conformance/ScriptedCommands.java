package io.tailrace.runtime.conformance;

import java.util.List;

/** {@link Commands} of the scripted machine. */
final class ScriptedCommands implements Commands {
    @Override
    public List<String> writes(String out, String err, int exitCode) {
        return List.of("both", out, err, Integer.toString(exitCode));
    }

    @Override
    public List<String> writesBytes(int count) {
        return List.of("print", Integer.toString(count));
    }

    @Override
    public byte[] bytes(int count) {
        return Scripts.pattern(count);
    }

    @Override
    public List<String> writesEveryByte() {
        return List.of("every-byte");
    }

    @Override
    public List<String> exits(int exitCode) {
        return List.of("exit", Integer.toString(exitCode));
    }

    @Override
    public List<String> copiesStdin() {
        return List.of("cat");
    }

    @Override
    public List<String> waits() {
        return List.of("hold");
    }

    @Override
    public List<String> gorges() {
        return List.of("gorge");
    }

    @Override
    public List<String> tellsTerminalSize() {
        return List.of("size");
    }

    @Override
    public List<String> tellsEnvironment() {
        return List.of("printenv");
    }

    @Override
    public List<String> resolves(String name) {
        return List.of("resolve", name);
    }

    @Override
    public List<String> notExecutable() {
        return List.of("/etc/passwd");
    }

    @Override
    public List<String> changesFiles(int bytes) {
        return List.of("change", Integer.toString(bytes));
    }

    @Override
    public String addedFile() {
        return Scripts.ADDED;
    }

    @Override
    public String deletedFile() {
        return Scripts.DELETED;
    }
}
