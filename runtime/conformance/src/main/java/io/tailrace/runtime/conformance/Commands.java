package io.tailrace.runtime.conformance;

import java.util.List;

/** Command lines, by what they do in the image under test. */
public interface Commands {
    /** Static busybox, its applets on the PATH. */
    static Commands busybox() {
        return new BusyboxCommands();
    }

    /** The scripted machine's. */
    static Commands scripted() {
        return new ScriptedCommands();
    }

    /** Writes a text to stdout and another to stderr, neither with a line break at its end, and exits. */
    List<String> writes(String out, String err, int exitCode);

    /** Writes this many bytes to stdout and exits with 0. */
    List<String> writesBytes(int count);

    /** What {@link #writesBytes} writes. */
    byte[] bytes(int count);

    /** Writes every byte value once to stdout, ascending, and exits with 0. */
    List<String> writesEveryByte();

    /** Exits. */
    List<String> exits(int exitCode);

    /** Copies stdin to stdout until it ends, then exits with 0. */
    List<String> copiesStdin();

    /** Runs until it is killed. */
    List<String> waits();

    /** Uses memory until it gets no more. */
    List<String> gorges();

    /** Writes {@code rows columns} of its terminal for each line of stdin. */
    List<String> tellsTerminalSize();

    /** Writes its environment, a variable a line. */
    List<String> tellsEnvironment();

    /** Writes the address under which it finds a name, a line; exits with another code than 0 if it finds none. */
    List<String> resolves(String name);

    /** Names a file that does not exist. */
    default List<String> missing() {
        return List.of("/no/such/command");
    }

    /** Names a file that is there but cannot be executed. */
    List<String> notExecutable();

    /** Adds a file of so many bytes and deletes one of the image's, then exits with 0. */
    List<String> changesFiles(int bytes);

    /** The file that {@link #changesFiles} adds. */
    String addedFile();

    /** The file that {@link #changesFiles} deletes. */
    String deletedFile();
}
