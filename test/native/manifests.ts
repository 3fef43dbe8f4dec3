// A tree whose manifest tests read, and ways to spoil a manifest: by accident, and on purpose with right
// checksums (docs/manifest.md).

/** Python that makes a tree of sixty files, with a hardlink, a symlink and a FIFO. */
export const someTree = `
for n in range(60):
    os.makedirs('d%d/s%d' % (n % 9, n % 4), exist_ok=True)
    open('d%d/s%d/file%d' % (n % 9, n % 4, n), 'w').write(str(n))
os.link('d1/s1/file1', 'd2/twin')
os.symlink('d1', 'link')
os.mkfifo('fifo')
`

export const headSize = 8
export const recordSize = 48
const footerSize = 6 * 8 + 4 + 4 + 8
const sections = 3

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

interface Part {
  readonly offset: number
  readonly sizes: readonly number[]
}

interface Frame {
  readonly footer: number
  readonly directories: number
  readonly records: number
  readonly index: number
}

export function frameOf(manifest: Buffer): Frame {
  const footer = manifest.length - footerSize
  const long = (place: number): number => Number(manifest.readBigUInt64LE(footer + 8 * place))
  return {footer, directories: long(0), records: long(1), index: long(3)}
}

export function partAt(manifest: Buffer, record: number): Part {
  const offset = Number(manifest.readBigUInt64LE(record))
  const sizes = Array.from({length: sections}, (_, i) => manifest.readUInt32LE(record + 8 + 4 * i))
  return {offset, sizes}
}

/** The checksums of a part's sections, as far as these lie in the file. */
function sealPart(manifest: Buffer, record: number): void {
  const {offset, sizes} = partAt(manifest, record)
  let at = offset
  sizes.forEach((size, i) => {
    const section = manifest.subarray(at, at + size)
    if (at + size <= manifest.length) manifest.writeUInt32LE(crc32c(section), record + 20 + 4 * i)
    at += size
  })
}

/** The same bytes with the checksums that belong to them. */
export function withChecksum(manifest: Buffer): Buffer {
  const sealed = Buffer.from(manifest)
  const {footer, records, index} = frameOf(sealed)
  if (index + recordSize * records === footer) {
    const fields: Buffer[] = []
    for (let number = 0; number < records; number += 1) {
      const at = index + recordSize * number
      sealPart(sealed, at)
      const numbered = Buffer.alloc(8)
      numbered.writeBigUInt64LE(BigInt(number))
      const record = Buffer.concat([numbered, sealed.subarray(at, at + recordSize - 4)])
      sealed.writeUInt32LE(crc32c(record), at + recordSize - 4)
      fields.push(record.subarray(8))
    }
    sealed.writeUInt32LE(crc32c(Buffer.concat(fields)), footer + 48)
  }
  sealed.writeUInt32LE(crc32c(sealed.subarray(footer, footer + 52)), footer + 52)
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
  const end = bytes.length - 16
  const shift = random(4) === 0
  for (let left = 1 + random(8); left > 0; --left) {
    const at = headSize + random(end - headSize)
    bytes[at] = random(2) === 0 ? random(256) : Number(bytes[at]) ^ (1 << random(8))
  }
  if (shift) {
    const at = headSize + random(end - headSize)
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
    moveIndex(bytes, {at, by: bytes.length - manifest.length})
  }
  return withChecksum(bytes)
}

/** Moves the index, and all parts behind the place; the part at it gets as much longer. */
function moveIndex(bytes: Buffer, {at, by}: {at: number; by: number}): void {
  const footer = bytes.length - footerSize
  const index = Number(bytes.readBigUInt64LE(footer + 24)) + by
  if (index < 0 || index > footer || by === 0) return
  bytes.writeBigUInt64LE(BigInt(index), footer + 24)
  for (let record = index; record + recordSize <= footer; record += recordSize) {
    const {offset, sizes} = partAt(bytes, record)
    const entries = sizes[0] ?? 0
    if (offset > at && offset + by >= 0) bytes.writeBigUInt64LE(BigInt(offset + by), record)
    else if (offset + entries > at && entries + by >= 0) {
      bytes.writeUInt32LE(entries + by, record + 8)
    }
  }
}
