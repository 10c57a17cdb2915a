/**
 * Runs containers on a Tailrace server and follows what they do.
 *
 * @packageDocumentation
 */
export { connect, open, type ConnectOptions } from "./connect.js"
export * from "./exports.js"
