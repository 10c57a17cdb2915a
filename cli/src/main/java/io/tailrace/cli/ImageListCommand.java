package io.tailrace.cli;

import io.tailrace.client.Image;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tailrace image ls}, {@code tailrace images}. */
@Command(
        name = "ls",
        aliases = "list",
        header = "List images.",
        footer = {"", "Example:", "  tailrace images --json | jq -r '.[].references[]'"})
final class ImageListCommand extends Verb {
    @Option(
            names = {"-q", "--quiet"},
            description = "Ids only.")
    private boolean isQuiet;

    @Option(names = "--no-trunc", description = "Cut nothing short.")
    private boolean isWhole;

    @Option(names = "--json", description = "Everything about each, as JSON.")
    private boolean isJson;

    @Override
    public Integer call() {
        List<Image> images;
        try (var session = ServerSession.open(tool())) {
            images = session.tailrace().images().list();
        }
        if (isJson) {
            streams().println(Json.pretty(images));
        } else if (isQuiet) {
            images.forEach(image -> streams().println(id(image)));
        } else {
            streams().print(table(images));
        }
        return ExitCodes.OK;
    }

    private String table(List<Image> images) {
        var now = Instant.now();
        var table = new Table("IMAGE", "ID", "PLATFORM", "CREATED", "SIZE");
        for (var image : images) {
            var age = Words.age(Duration.between(image.createdAt(), now)) + " ago";
            var references = image.references().isEmpty() ? List.of("<none>") : image.references();
            for (var reference : references) {
                var name = isWhole ? reference : Words.shortReference(reference);
                table.row(name, id(image), image.platform(), age, Words.bytes(image.sizeBytes()));
            }
        }
        return table.toString();
    }

    private String id(Image image) {
        return isWhole ? image.id() : Words.shortId(image.id());
    }
}
