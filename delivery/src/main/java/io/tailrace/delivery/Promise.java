package io.tailrace.delivery;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The promises of the delivery contract that a test attacks. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Promise {
    /** How many promises the contract has. */
    int COUNT = 8;

    /** Their numbers in {@code docs/contracts/delivery.md}, from 1. */
    int[] value();
}
