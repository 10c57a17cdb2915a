import { invalid } from "./errors.js"

const SIZE = /^(\d+(?:\.\d+)?)\s*([kmgtp]?)(?:i?b)?$/
const UNITS = "kmgtp"

/** Bytes: a number of them, or as people write it: `64m`, `1.5g`, `512k`, `4096`, `64MiB`; units of 1024. */
export type ByteSize = number | string

/** How many bytes a size says. @param name of what it is for, for the message of INVALID_ARGUMENT */
export function bytesIn(name: string, size: ByteSize): bigint {
  if (typeof size === "number") {
    if (!Number.isSafeInteger(size) || size < 0) throw invalid(name, size, "a whole number of bytes, or a size such as 64m")
    return BigInt(size)
  }
  const match = SIZE.exec(size.trim().toLowerCase())
  if (match === null) throw invalid(name, size, "a size such as 64m, 1.5g or 4096")
  const unit = match[2] ?? ""
  return BigInt(Math.round(Number(match[1]) * 1024 ** (unit === "" ? 0 : UNITS.indexOf(unit) + 1)))
}
