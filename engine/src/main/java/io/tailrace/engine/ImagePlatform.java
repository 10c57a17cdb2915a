package io.tailrace.engine;

import io.tailrace.runtime.spi.Image;
import java.util.regex.Pattern;

/** Checks that an image is of the platform that is asked for. */
final class ImagePlatform {
    private static final Pattern PLATFORM = Pattern.compile("[a-z0-9_.-]{1,32}/[a-z0-9_.-]{1,32}(/[a-z0-9_.-]{1,32})?");

    private ImagePlatform() {}

    /** @param platform {@code os/architecture[/variant]}; empty: any */
    static void check(String platform) {
        Checks.check(
                platform.isEmpty() || PLATFORM.matcher(platform).matches(),
                "platform",
                platform,
                "os/architecture or os/architecture/variant, such as linux/amd64, or empty");
    }

    /** Without a variant any will do. */
    static void check(String platform, Image image) {
        boolean isRight = platform.isEmpty()
                || image.platform().equals(platform)
                || image.platform().startsWith(platform + "/");
        if (!isRight) {
            throw new EngineException(
                    ErrorCode.FAILED_PRECONDITION,
                    "platform: %s (expected: %s, of which image %s is)"
                            .formatted(platform, image.platform(), Checks.shown(image.id())));
        }
    }
}
