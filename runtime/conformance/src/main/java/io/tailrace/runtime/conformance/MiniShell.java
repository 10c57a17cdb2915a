package io.tailrace.runtime.conformance;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * As much of a shell as tests need: commands separated by {@code ;}, {@code &&} or a line break; words, single and
 * double quotes, {@code $NAME} from the environment, and {@code >&2}. Commands: {@code echo}, {@code printf TEXT},
 * {@code cat}, {@code sleep}, {@code exit}, {@code true}, {@code false}, {@code env}. No pipes, no loops.
 */
final class MiniShell {
    private static final int COMMAND_NOT_FOUND = 127;

    private final ScriptedProcess process;
    private int exitCode;
    private boolean hasExited;

    MiniShell(ScriptedProcess process) {
        this.process = process;
    }

    int run(String script) throws IOException, InterruptedException {
        List<List<String>> commands = parse(script);
        for (List<String> words : commands) {
            boolean isConditional = words.getFirst().equals("&&");
            if (hasExited || (isConditional && exitCode != 0)) {
                continue;
            }
            exitCode = run(isConditional ? words.subList(1, words.size()) : words);
        }
        return exitCode;
    }

    private int run(List<String> all) throws IOException, InterruptedException {
        boolean isToStderr = all.contains(">&2") || all.contains("1>&2");
        List<String> words = all.stream().filter(word -> !word.endsWith(">&2")).toList();
        if (words.isEmpty()) {
            return 0;
        }
        List<String> arguments = words.subList(1, words.size());
        switch (words.getFirst()) {
            case "echo" -> {
                boolean isLine = arguments.isEmpty() || !arguments.getFirst().equals("-n");
                List<String> shown = isLine ? arguments : arguments.subList(1, arguments.size());
                write(String.join(" ", shown) + (isLine ? "\n" : ""), isToStderr);
            }
            case "printf" -> write(String.join("", arguments).replace("\\n", "\n"), isToStderr);
            case "env" -> write(String.join("\n", process.spec().environment()) + "\n", isToStderr);
            case "cat" -> {
                return Scripts.cat(process);
            }
            case "sleep" -> process.sleep(Duration.ofMillis((long) (Double.parseDouble(arguments.getFirst()) * 1000)));
            case "true", ":" -> {
                return 0;
            }
            case "false" -> {
                return 1;
            }
            case "exit" -> {
                hasExited = true;
                return arguments.isEmpty() ? exitCode : Integer.parseInt(arguments.getFirst());
            }
            default -> {
                write("sh: " + words.getFirst() + ": not found\n", true);
                return COMMAND_NOT_FOUND;
            }
        }
        return 0;
    }

    private void write(String text, boolean isToStderr) throws IOException, InterruptedException {
        if (isToStderr) {
            process.err(text);
        } else {
            process.out(text);
        }
    }

    /** Commands as lists of words; one that is to run only after a success begins with {@code &&}. */
    private List<List<String>> parse(String script) {
        List<List<String>> commands = new ArrayList<>();
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean isWord = false;
        for (int i = 0; i < script.length(); i++) {
            char c = script.charAt(i);
            if (c == '\'' || c == '"') {
                int end = script.indexOf(c, i + 1);
                String quoted = script.substring(i + 1, end < 0 ? script.length() : end);
                word.append(c == '"' ? expand(quoted) : quoted);
                isWord = true;
                i = end < 0 ? script.length() : end;
            } else if (c == ' ' || c == ';' || c == '\n' || script.startsWith("&&", i)) {
                if (isWord) {
                    words.add(word.toString());
                    word.setLength(0);
                    isWord = false;
                }
                if (c != ' ') {
                    if (words.size() > (words.contains("&&") ? 1 : 0)) {
                        commands.add(words);
                    }
                    words = new ArrayList<>(c == '&' ? List.of("&&") : List.of());
                    i += c == '&' ? 1 : 0;
                }
            } else if (c == '$') {
                int end = i + 1;
                while (end < script.length() && Character.isJavaIdentifierPart(script.charAt(end))) {
                    end++;
                }
                word.append(expand(script.substring(i, end)));
                isWord = true;
                i = end - 1;
            } else {
                word.append(c);
                isWord = true;
            }
        }
        if (isWord) {
            words.add(word.toString());
        }
        if (words.size() > (words.contains("&&") ? 1 : 0)) {
            commands.add(words);
        }
        return commands;
    }

    private String expand(String text) {
        String expanded = text;
        for (String variable : process.spec().environment()) {
            int equals = variable.indexOf('=');
            expanded = expanded.replace("$" + variable.substring(0, equals), variable.substring(equals + 1));
        }
        return expanded;
    }
}
