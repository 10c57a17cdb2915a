const POLYNOMIAL = 0xedb88320
const TABLES = 8

/** Eight tables, so that eight bytes are taken at once: table k is the effect of a byte that stands k bytes further on. */
const table = (() => {
  const tables = new Uint32Array(TABLES * 256)
  for (let byte = 0; byte < 256; byte++) {
    let value = byte
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1
    tables[byte] = value
  }
  for (let at = 256; at < tables.length; at++) {
    const before = tables[at - 256] as number
    tables[at] = (before >>> 8) ^ (tables[before & 0xff] as number)
  }
  return tables
})()

const of = (index: number) => table[index] as number

/** The CRC-32 of RFC 1952 (gzip, zlib) of more and more bytes. */
export class Crc32 {
  #state = 0xffffffff

  update(bytes: Uint8Array): void {
    let crc = this.#state
    let at = 0
    const eights = bytes.length - (bytes.length % 8)
    const byte = (index: number) => bytes[index] as number
    for (; at < eights; at += 8) {
      const low = crc ^ (byte(at) | (byte(at + 1) << 8) | (byte(at + 2) << 16) | (byte(at + 3) << 24))
      crc =
        of(1792 + (low & 0xff)) ^
        of(1536 + ((low >>> 8) & 0xff)) ^
        of(1280 + ((low >>> 16) & 0xff)) ^
        of(1024 + (low >>> 24)) ^
        of(768 + byte(at + 4)) ^
        of(512 + byte(at + 5)) ^
        of(256 + byte(at + 6)) ^
        of(byte(at + 7))
    }
    for (; at < bytes.length; at++) crc = (crc >>> 8) ^ of((crc ^ byte(at)) & 0xff)
    this.#state = crc
  }

  /** 0 to 2^32 - 1 */
  get value(): number {
    return (this.#state ^ 0xffffffff) >>> 0
  }
}
