package io.tailrace.delivery;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test class that attacks the delivery contract, {@code docs/contracts/delivery.md}. Its methods name the promise with
 * {@link Promise} and count in the {@link Ledger} that they take as a parameter; each becomes a row of the table.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Tag(DeliveryTest.TAG)
@ExtendWith(LedgerExtension.class)
public @interface DeliveryTest {
    /** The JUnit tag of all of them. */
    String TAG = "delivery";
}
