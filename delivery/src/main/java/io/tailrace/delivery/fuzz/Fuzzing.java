package io.tailrace.delivery.fuzz;

import io.tailrace.delivery.Ledger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Fuzz tests. {@link #attack} attacks a {@link FuzzTarget} with the inputs that are kept beside the tests,
 * {@code src/test/resources/PACKAGE/CLASSInputs/TARGET/}, with the target's seeds, and with mutations of both; in the long
 * form a Jazzer of its own process goes on from there. Each input is an attempt of the ledger.
 */
public final class Fuzzing {
    /** The module's sources; tests run in the module's directory. */
    private static final Path KEPT = Path.of("src", "test", "resources");

    private static final Path FOUND = Path.of("target", "fuzz");

    private Fuzzing() {}

    /**
     * Attacks.
     *
     * @param mutations how many seeded mutations every build can afford
     */
    public static void attack(Ledger ledger, Class<?> owner, String name, int mutations)
            throws IOException, InterruptedException {
        FuzzTarget target = FuzzTarget.of(owner, name);
        Map<String, byte[]> inputs = inputs(target);
        try (var attack = new Attack(target)) {
            for (Map.Entry<String, byte[]> input : inputs.entrySet()) {
                attack.with(input.getKey(), input.getValue());
                ledger.attempt();
            }
            mutate(attack, ledger, List.copyOf(inputs.values()), mutations);
            ledger.note(attack.slowest());
        }
        if (ledger.isLong()) {
            var jazzer = new Jazzer(target, target.below(KEPT), target.below(FOUND));
            ledger.attempts(jazzer.run(target.seeds()));
            ledger.note(jazzer.note());
        }
    }

    private static void mutate(Attack attack, Ledger ledger, List<byte[]> inputs, int count) {
        Random random = ledger.random();
        var mutations = new Mutations(random);
        for (int number = 0; number < count; number++) {
            attack.with("mutation " + number, mutations.next(inputs));
            ledger.attempt();
        }
    }

    /** By their names, so that every run has them in the same order. Never empty. */
    private static Map<String, byte[]> inputs(FuzzTarget target) throws IOException {
        Map<String, byte[]> inputs = new TreeMap<>();
        inputs.put("nothing", new byte[0]);
        List<byte[]> seeds = new ArrayList<>(target.seeds());
        for (int number = 0; number < seeds.size(); number++) {
            inputs.put("seed " + number, seeds.get(number));
        }
        Path kept = target.below(KEPT);
        if (Files.isDirectory(kept)) {
            try (Stream<Path> files = Files.list(kept)) {
                for (Path file : files.sorted().toList()) {
                    inputs.put(file.getFileName().toString(), Files.readAllBytes(file));
                }
            }
        }
        return inputs;
    }
}
