package io.tailrace.acceptance;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;

/** An {@link Acceptance} test whose server uses a Docker Engine where the others use containerd. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Tag("docker")
@DisabledIfSystemProperty(
        named = "tailrace.test.runtime",
        matches = "docker",
        disabledReason = "the test that it extends runs on one")
@interface OnDocker {}
