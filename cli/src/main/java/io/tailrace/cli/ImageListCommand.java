package io.tailrace.cli;

import io.tailrace.client.Image;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code tailrace image ls}, {@code tailrace images}. */
@Command(
        name = "ls",
        aliases = "list",
        header = "List images.",
        footer = {"", "Example:", "  tailrace images --json | jq -r '.[].references[]'"})
final class ImageListCommand extends Verb {
    @Mixin
    private ListFlags list = new ListFlags();

    @Override
    public Integer call() {
        List<Image> images;
        try (var session = ServerSession.open(tool())) {
            images = session.tailrace().images().list();
        }
        list.print(streams(), images, Image::id, this::table);
        return ExitCodes.OK;
    }

    private String table(List<Image> images) {
        var now = Instant.now();
        var table = new Table("IMAGE", "ID", "PLATFORM", "CREATED", "SIZE");
        for (var image : images) {
            var age = Words.age(Duration.between(image.createdAt(), now)) + " ago";
            var references = image.references().isEmpty() ? List.of("<none>") : image.references();
            for (var reference : references) {
                var name = list.isWhole() ? reference : Words.shortReference(reference);
                table.row(name, list.shown(image.id()), image.platform(), age, Words.bytes(image.sizeBytes()));
            }
        }
        return table.toString();
    }
}
