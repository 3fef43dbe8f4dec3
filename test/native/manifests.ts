// Spoils manifests: by accident, and on purpose with a right checksum (docs/manifest.md).
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

/** The same bytes with the checksum that belongs to them. */
export function withChecksum(manifest: Buffer): Buffer {
  const sealed = Buffer.from(manifest)
  const at = sealed.length - crcOffset_fromEnd
  sealed.writeUInt32LE(crc32c(sealed.subarray(0, at)), at)
  return sealed
}

/** Numbers from 0 up to `below`, always the same ones. */
export type Random = (below: number) => number

export function seeded(seed: number): Random {
  let state = seed >>> 0
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** One to eight bytes of blocks, index or counts are others, some are taken out or doubled. */
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
 * A manifest that costs its square to check: every directory of the index is the same block, which
 * holds as many files. Never named by a parent, so it is no tree in the end.
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
