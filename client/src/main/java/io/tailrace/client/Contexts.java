package io.tailrace.client;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The servers that a user has given names, in {@code $XDG_CONFIG_HOME/tailrace} (else {@code ~/.config/tailrace}), as
 * docs/formats/contexts.md has it. The one in use is meant wherever no address and no {@code TAILRACE_HOST} says
 * otherwise. Thread-safe: holds nothing but paths; files are replaced as a whole, and of two at once the last holds.
 */
public final class Contexts {
    /** The name that stands for no context: the local server. */
    public static final String DEFAULT = "default";

    private static final String VARIABLE = "TAILRACE_CONTEXT";
    private static final String ADDRESS = "address";
    private static final String TOKEN_FILE = "token-file";
    private static final int FILE_BYTES_MAX = 64 << 10;
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}");
    private static final String NAME_EXPECTED = "1 to 128 of [a-zA-Z0-9_.-], the first a letter or digit";
    private static final FileAttribute<?> OWNERS_DIRECTORY = permissions("rwx------");
    private static final FileAttribute<?> OWNERS_FILE = permissions("rw-------");

    private final Path directory;
    private final String chosen;

    private Contexts(Path directory, String chosen) {
        this.directory = directory;
        this.chosen = chosen;
    }

    /** Those of the user who runs this process. */
    public static Contexts ofUser() {
        return of(System.getenv());
    }

    static Contexts of(Map<String, String> environment) {
        var configured = environment.getOrDefault("XDG_CONFIG_HOME", "");
        var home = environment.getOrDefault("HOME", "");
        // By the XDG Base Directory Specification a path that is not absolute does not count.
        var base = configured.startsWith("/")
                ? Path.of(configured)
                : Path.of(home.isEmpty() ? System.getProperty("user.home") : home, ".config");
        return new Contexts(
                base.resolve("tailrace"), environment.getOrDefault(VARIABLE, "").strip());
    }

    /** The names of all, in order. */
    public List<String> names() {
        var all = directory.resolve("contexts");
        if (!Files.isDirectory(all)) {
            return List.of();
        }
        try (var files = Files.list(all)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> NAME.matcher(name).matches())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw failure(all, "cannot be read", e);
        }
    }

    /** One of them. NOT_FOUND if there is none of the name, INVALID_ARGUMENT if its file is not as expected. */
    public Context get(String name) {
        var file = file(name);
        Map<String, String> values = new HashMap<>();
        int number = 0;
        for (var line : lines(name, file)) {
            number++;
            var text = line.strip();
            int equals = text.indexOf('=');
            if (text.isEmpty() || text.startsWith("#")) {
                continue;
            }
            var key = equals < 0 ? text : text.substring(0, equals).strip();
            if (equals < 0 || !List.of(ADDRESS, TOKEN_FILE).contains(key) || values.containsKey(key)) {
                // What stands there is not shown: it may be a token.
                throw invalid(
                        file, "line %d (expected: %s=… and %s=…, once each)".formatted(number, ADDRESS, TOKEN_FILE));
            }
            values.put(key, text.substring(equals + 1).strip());
        }
        var address = values.getOrDefault(ADDRESS, "");
        var tokenFile = values.getOrDefault(TOKEN_FILE, "");
        if (address.isEmpty()) {
            throw invalid(file, "no address (expected: %s=…)".formatted(ADDRESS));
        }
        Endpoint.parse(address);
        if (!tokenFile.isEmpty() && !tokenFile.startsWith("/")) {
            throw invalid(file, "%s= with what is no absolute path".formatted(TOKEN_FILE)); // it may be the token
        }
        return new Context(name, address, tokenFile.isEmpty() ? null : Path.of(tokenFile));
    }

    /**
     * Gives a server a name. ALREADY_EXISTS if another has it, INVALID_ARGUMENT for a name or an address that is none, and
     * for a token file that cannot be read or that others than its owner can read.
     *
     * @param tokenFile its absolute path is kept, not what is in it; null: none
     */
    public Context create(String name, String address, @Nullable Path tokenFile) {
        var file = file(name);
        Endpoint.parse(address);
        var context = new Context(
                name,
                address,
                tokenFile == null ? null : tokenFile.toAbsolutePath().normalize());
        context.token();
        checkWritable(address);
        checkWritable(String.valueOf(context.tokenFile()));
        if (Files.exists(file)) {
            throw new TailraceException(
                    ErrorCode.ALREADY_EXISTS, "context: \"%s\" exists (expected: another name)".formatted(name));
        }
        write(
                file,
                ADDRESS + "=" + address + "\n"
                        + (context.tokenFile() == null ? "" : TOKEN_FILE + "=" + context.tokenFile() + "\n"));
        return context;
    }

    private static void checkWritable(String value) {
        if (!value.strip().equals(value) || value.chars().anyMatch(Character::isISOControl)) {
            throw new TailraceException(
                    ErrorCode.INVALID_ARGUMENT,
                    "context: \"%s\" (expected: no control characters, and no white space around it)".formatted(value));
        }
    }

    /** Uses one from here on, or {@link #DEFAULT}. NOT_FOUND if there is none of the name. */
    public void use(String name) {
        if (name.equals(DEFAULT)) {
            delete(currentFile());
            return;
        }
        get(name);
        write(currentFile(), name + "\n");
    }

    /** Removes one; its token's file stays. NOT_FOUND if there is none, FAILED_PRECONDITION if it is in use. */
    public void remove(String name) {
        var file = file(name);
        if (!Files.exists(file)) {
            throw notFound(name);
        }
        if (current().equals(Optional.of(name)) || isUsed(name)) {
            throw new TailraceException(
                    ErrorCode.FAILED_PRECONDITION,
                    "context: \"%s\" is in use (expected: another one in use, such as %s)".formatted(name, DEFAULT));
        }
        delete(file);
    }

    /** Whether {@link #use} was told so, whatever {@code TAILRACE_CONTEXT} says. */
    private boolean isUsed(String name) {
        try {
            return bounded(currentFile()).strip().equals(name);
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * The name of the one in use: {@code TAILRACE_CONTEXT}, else what {@link #use} was told last; empty for the default.
     * That there is one of the name is not said.
     */
    public Optional<String> current() {
        var name = chosen;
        if (name.isEmpty()) {
            try {
                name = bounded(currentFile()).strip();
            } catch (IOException e) {
                if (isAbsent(e)) {
                    return Optional.empty();
                }
                throw failure(currentFile(), "cannot be read", e);
            }
        }
        return name.isEmpty() || name.equals(DEFAULT) ? Optional.empty() : Optional.of(name);
    }

    /** Whether there is no such file, or none for this user: a home directory that is another's, or no directory. */
    private boolean isAbsent(IOException e) {
        return e instanceof NoSuchFileException || !Files.isDirectory(directory) || !Files.isReadable(directory);
    }

    private Path currentFile() {
        return directory.resolve("current-context");
    }

    private Path file(String name) {
        if (!NAME.matcher(name).matches() || name.equals(DEFAULT)) {
            throw new TailraceException(
                    ErrorCode.INVALID_ARGUMENT,
                    "context: \"%s\" (expected: %s; not \"%s\")".formatted(name, NAME_EXPECTED, DEFAULT));
        }
        return directory.resolve("contexts").resolve(name);
    }

    private List<String> lines(String name, Path file) {
        try {
            return bounded(file).lines().toList();
        } catch (NoSuchFileException e) {
            throw notFound(name);
        } catch (IOException e) {
            throw failure(file, "cannot be read", e);
        }
    }

    private static String bounded(Path file) throws IOException {
        if (Files.size(file) > FILE_BYTES_MAX) {
            throw invalid(file, "%d bytes (expected: at most %d)".formatted(Files.size(file), FILE_BYTES_MAX));
        }
        return Files.readString(file);
    }

    private static void write(Path file, String text) {
        try {
            var parent = file.toAbsolutePath().getParent();
            Files.createDirectories(parent, OWNERS_DIRECTORY);
            // None is to be seen that is half written. A name with a dot in front is no context's.
            var whole = Files.createTempFile(parent, ".new-", "", OWNERS_FILE);
            try {
                Files.writeString(whole, text);
                Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(whole);
            }
        } catch (IOException e) {
            throw failure(file, "cannot be written", e);
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw failure(file, "cannot be removed", e);
        }
    }

    private TailraceException notFound(String name) {
        return new TailraceException(
                ErrorCode.NOT_FOUND,
                "context: \"%s\" (expected: one of %s, which 'tailrace context create' makes)"
                        .formatted(name, String.join(", ", names())));
    }

    private static TailraceException invalid(Path file, String what) {
        return new TailraceException(ErrorCode.INVALID_ARGUMENT, "context file: %s: %s".formatted(file, what));
    }

    private static TailraceException failure(Path file, String what, IOException e) {
        return new TailraceException(ErrorCode.INVALID_ARGUMENT, "context file: %s %s: %s".formatted(file, what, e), e);
    }

    private static FileAttribute<?> permissions(String text) {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(text));
    }
}
