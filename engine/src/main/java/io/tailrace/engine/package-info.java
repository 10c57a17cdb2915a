/**
 * Containers and execs: their states, the capture of their output, the subscriptions of their readers, and every policy
 * (stop, retention, re-adoption), once for all runtimes. Knows no protocol.
 *
 * <p>How it is made: a {@link io.tailrace.engine.Journal} is a timeline with the {@link io.tailrace.engine.Fold} of it, and
 * the state of a process is that fold and nothing else. A {@link io.tailrace.engine.ProcessRun} is one run of a process,
 * with the thread that captures it. {@link io.tailrace.engine.EngineProcess} is what init and exec processes have in
 * common, {@link io.tailrace.engine.EngineContainer} adds the policies about containers,
 * {@link io.tailrace.engine.Adoption} goes on after a restart.
 *
 * <p>Lock order, outermost first. Nothing else is ever held together, and none of these while the runtime, a reader or
 * the network is called:
 *
 * <ol>
 *   <li>{@code Execs} (its monitor, while an exec's timeline is made)
 *   <li>{@code Journal.lock}, while one record is appended
 *   <li>the timeline's own lock, in which it asks for a checkpoint: the fold, read without a lock
 *   <li>{@code Feed.lock}, a leaf
 *   <li>{@code Registry.lock}, a leaf
 * </ol>
 *
 * {@code Stdin.writing} is held while a writer waits for the process to read, and never together with another.
 */
@NullMarked
package io.tailrace.engine;

import org.jspecify.annotations.NullMarked;
