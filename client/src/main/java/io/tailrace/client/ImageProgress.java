package io.tailrace.client;

/**
 * How far one part of an image has come.
 *
 * @param part what it is: a layer's digest, {@code manifest}, {@code archive}
 * @param status {@code waiting}, {@code downloading}, {@code unpacking}, {@code done}
 * @param totalBytes 0: not known
 */
public record ImageProgress(String part, String status, long doneBytes, long totalBytes) {}
