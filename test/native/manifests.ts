// Damages manifests, by accident or deliberately with a valid checksum (docs/manifest.md).
const footerSize = 5 * 8 + 4 + 8
const crcOffset_fromEnd = 4 + 8

const table = Uint32Array.from({length: 256}, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; ++bit) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0)
  return crc
})

export function crc32c(bytes: Buffer): number {
  let crc = 0xffffffff
  for (const byte of bytes) crc = (crc >>> 8) ^ Number(table[(crc ^ byte) & 0xff])
  return ~crc >>> 0
}

/** Returns the same bytes with a valid checksum. */
export function withChecksum(manifest: Buffer): Buffer {
  const sealed = Buffer.from(manifest)
  const at = sealed.length - crcOffset_fromEnd
  sealed.writeUInt32LE(crc32c(sealed.subarray(0, at)), at)
  return sealed
}

/** Returns a pseudo-random number from 0 to `below` - 1, the same sequence every time. */
export type Random = (below: number) => number

export function seeded(seed: number): Random {
  let state = seed >>> 0
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** Changes one to eight bytes of the blocks, index or counts, and removes or repeats some. */
export function mutate(manifest: Buffer, random: Random): Buffer {
  let bytes = Buffer.from(manifest)
  const end = bytes.length - crcOffset_fromEnd
  const shift = random(4) === 0
  for (let left = 1 + random(8); left > 0; --left) {
    const at = 8 + random(end - 8)
    bytes[at] = random(2) === 0 ? random(256) : Number(bytes[at]) ^ (1 << random(8))
  }
  if (shift) {
    const at = 8 + random(end - 8)
    const size = Math.min(1 + random(20), end - at)
    const [head, part, tail] = [
      bytes.subarray(0, at),
      bytes.subarray(at, at + size),
      bytes.subarray(at),
    ]
    bytes =
      random(2) === 0
        ? Buffer.concat([head, part, tail])
        : Buffer.concat([head, tail.subarray(size)])
    moveIndex(bytes, bytes.length - manifest.length)
  }
  return withChecksum(bytes)
}

function moveIndex(bytes: Buffer, by: number): void {
  const at = bytes.length - footerSize + 16
  const index = Number(bytes.readBigUInt64LE(at)) + by
  if (index >= 0 && index < bytes.length) bytes.writeBigUInt64LE(BigInt(index), at)
}

/**
 * Makes a manifest that takes quadratic time to check: every directory of the index is one shared
 * block with as many files. No parent names these directories, so it is not a tree in the end.
 */
export function quadratic(directories: number, files: number): Buffer {
  const number = (value: number): number[] =>
    value < 128 ? [value] : [(value & 127) | 128, ...number(Math.floor(value / 128))]
  const file = (name: string): Buffer =>
    Buffer.from([0b11000, name.length, ...Buffer.from(name), 0, 0, 0, 0, 0, 0, 0])
  const names = Array.from({length: files}, (_, i) => file(String(i).padStart(7, '0')))
  const root = Buffer.from([0, 0, 0, 0, 7])
  const block = Buffer.concat([
    Buffer.from([0, 1, 97, ...number(0), 0]),
    ...names,
    Buffer.from([7]),
  ])
  const head = Buffer.from('CURAMAN\x03', 'latin1')
  const index = Buffer.alloc(8 * directories)
  for (let id = 0; id < directories; ++id) {
    index.writeBigUInt64LE(BigInt(head.length + (id === 0 ? 0 : root.length)), 8 * id)
  }
  const footer = Buffer.alloc(footerSize)
  footer.writeBigUInt64LE(BigInt(directories), 0)
  footer.writeBigUInt64LE(BigInt((directories - 1) * files), 8)
  footer.writeBigUInt64LE(BigInt(head.length + root.length + block.length), 16)
  footer.write('CURAEND\x03', footerSize - 8, 'latin1')
  return withChecksum(Buffer.concat([head, root, block, index, footer]))
}

/** Reads numbers and bytes from a manifest, and copies those to keep. */
class Copier {
  readonly out: Buffer[] = []
  at = 0

  constructor(private readonly bytes: Buffer) {}

  private copy(end: number, keep: boolean): Buffer {
    const part = this.bytes.subarray(this.at, end)
    this.at = end
    if (keep) this.out.push(part)
    return part
  }

  /** Wrong for numbers of more than 32 bits, which no test needs. */
  number(keep = true): number {
    let end = this.at
    while (Number(this.bytes[end]) >= 128) end += 1
    const part = this.copy(end + 1, keep)
    return part.reduceRight((value, byte) => value * 128 + (byte & 127), 0)
  }

  numbers(count: number): void {
    for (let left = count; left > 0; left -= 1) this.number()
  }

  take(size: number, keep = true): void {
    this.copy(this.at + size, keep)
  }

  put(value: number): void {
    this.out.push(Buffer.from(value < 128 ? [value] : [(value & 127) | 128, value >> 7]))
  }
}

const bit = (flags: number, place: number): boolean => ((flags >> place) & 1) === 1

function copyEntry(from: Copier, flags: number, version: 1 | 2): void {
  const type = flags & 7
  from.put(flags & (version === 1 ? 0b1_1111_1111 : 0b11_1111_1111))
  from.take(from.number())
  if (!bit(flags, 3)) from.number()
  if (!bit(flags, 4)) from.numbers(2) // uid, gid
  from.numbers(5) // mtime, ctime, inode
  if (bit(flags, 8)) from.number()
  if (bit(flags, 10)) from.number(false)
  if (bit(flags, 6)) from.number()
  from.number() // the directory's number, or the stored inode
  if (type === 0 || type === 2) from.number()
  if (bit(flags, 9)) from.take(32, version === 2)
  if (type === 2) from.take(from.number())
  if (type > 2) from.number()
}

/** Converts a manifest to the format of an older version. */
export function asOlder(manifest: Buffer, version: 1 | 2): Buffer {
  const end = manifest.length - footerSize
  const index = Number(manifest.readBigUInt64LE(end + 16))
  const from = new Copier(manifest.subarray(0, index))
  const places = new Map<number, number>()
  const written = (): number => from.out.reduce((sum, {length}) => sum + length, 0)
  from.take(8)
  from.out[0] = Buffer.from(`CURAMAN${String.fromCharCode(version)}`, 'latin1')
  while (from.at < index) {
    places.set(from.at, written())
    from.number()
    from.take(from.number())
    from.number()
    from.number(false)
    for (let flags = from.number(false); flags !== 7; flags = from.number(false)) {
      copyEntry(from, flags, version)
    }
    from.put(7)
  }
  const blocks = Buffer.concat(from.out)
  const offsets = Buffer.from(manifest.subarray(index, end))
  for (let at = 0; at < offsets.length; at += 8) {
    offsets.writeBigUInt64LE(BigInt(places.get(Number(offsets.readBigUInt64LE(at))) ?? 0), at)
  }
  const footer = Buffer.alloc(3 * 8 + 4 + 8)
  manifest.copy(footer, 0, end, end + 16)
  footer.writeBigUInt64LE(BigInt(blocks.length), 16)
  footer.write(`CURAEND${String.fromCharCode(version)}`, 28, 'latin1')
  return withChecksum(Buffer.concat([blocks, offsets, footer]))
}
