// Makes manifests of formats 1 to 3, which no program writes any more (docs/manifest.md).
import {crc32c, frameOf, headSize, partAt, recordSize} from './manifests.js'

/** Of format 3. */
const footerSize = 5 * 8 + 4 + 8
const crcOffset_fromEnd = 4 + 8

function withChecksum(manifest: Buffer): Buffer {
  const sealed = Buffer.from(manifest)
  const at = sealed.length - crcOffset_fromEnd
  sealed.writeUInt32LE(crc32c(sealed.subarray(0, at)), at)
  return sealed
}

/**
 * A manifest of format 3 that costs its square to check: every directory of the index is the same block, which
 * holds as many files. No parent names it, so it is not a tree.
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

/** Reads numbers and bytes from the sections of a part, and copies those marked `keep`. */
class Copier {
  readonly out: Buffer[] = []
  private readonly at = [0, 0, 0]

  constructor(private readonly parts: readonly Buffer[]) {}

  private bytes(section: number): Buffer {
    return (this.parts[section] ?? Buffer.alloc(0)).subarray(this.at[section])
  }

  private copy(size: number, keep: boolean, section: number): Buffer {
    const part = this.bytes(section).subarray(0, size)
    this.at[section] = (this.at[section] ?? 0) + size
    if (keep) this.out.push(part)
    return part
  }

  /** Wrong for numbers of more than 32 bits, which these tests do not use. */
  number(keep = true, section = 0): number {
    const end = this.bytes(section).findIndex((byte) => byte < 128)
    const part = this.copy(end + 1, keep, section)
    return part.reduceRight((value, byte) => value * 128 + (byte & 127), 0)
  }

  numbers(count: number): void {
    for (let left = count; left > 0; left -= 1) this.number()
  }

  take(size: number, {keep = true, section = 0} = {}): void {
    this.copy(size, keep, section)
  }

  put(value: number): void {
    this.out.push(Buffer.from(value < 128 ? [value] : [(value & 127) | 128, value >> 7]))
  }
}

export type OlderVersion = 1 | 2 | 3

const bit = (flags: number, place: number): boolean => ((flags >> place) & 1) === 1
const knownFlags = {1: 0b1_1111_1111, 2: 0b11_1111_1111, 3: 0b1111_1111_1111}

function copyEntry(from: Copier, flags: number, version: OlderVersion): void {
  const type = flags & 7
  from.put(flags & knownFlags[version])
  from.take(from.number())
  if (!bit(flags, 3)) from.number()
  if (!bit(flags, 4)) from.numbers(2) // uid, gid
  from.numbers(5) // mtime, ctime, inode
  if (bit(flags, 8)) from.number()
  if (bit(flags, 10)) from.number(version === 3)
  if (bit(flags, 6)) from.number()
  from.number(true, type === 1 ? 0 : 1) // the directory's number, or the stored inode
  if (type === 0 || type === 2) from.number()
  if (bit(flags, 9)) from.take(32, {keep: version > 1, section: 2})
  if (type === 2) from.take(from.number())
  if (type > 2) from.number()
}

/** The block of a directory that has one part. */
function olderBlock(manifest: Buffer, record: number, version: OlderVersion): Buffer {
  const {offset, sizes} = partAt(manifest, record)
  let at = offset
  const from = new Copier(sizes.map((size) => manifest.subarray(at, (at += size))))
  from.number()
  from.take(from.number())
  from.number()
  from.number(version === 3)
  for (let flags = from.number(false); flags !== 7; flags = from.number(false)) {
    copyEntry(from, flags, version)
  }
  from.put(7)
  return Buffer.concat(from.out)
}

/** The blocks of all directories, by their numbers. */
export function blocksOf(manifest: Buffer, version: OlderVersion): Buffer[] {
  const {directories, records, index} = frameOf(manifest)
  if (directories !== records) throw new Error('a directory has several parts')
  return Array.from({length: directories}, (_, id) =>
    olderBlock(manifest, index + recordSize * id, version),
  )
}

/** The same manifest as an older program would have written it, if no directory is large. */
export function asOlder(manifest: Buffer, version: OlderVersion): Buffer {
  const {footer, directories} = frameOf(manifest)
  const mark = (text: string): Buffer => Buffer.from(text + String.fromCharCode(version), 'latin1')
  const blocks = [mark('CURAMAN')]
  const offsets = Buffer.alloc(8 * directories)
  let written = headSize
  blocksOf(manifest, version).forEach((block, id) => {
    offsets.writeBigUInt64LE(BigInt(written), 8 * id)
    written += block.length
    blocks.push(block)
  })
  const numbers = version === 3 ? 5 : 3
  const end = Buffer.alloc(numbers * 8 + 4)
  manifest.copy(end, 0, footer, footer + 8)
  manifest.copy(end, 8, footer + 16, footer + 24)
  end.writeBigUInt64LE(BigInt(written), 16)
  if (version === 3) manifest.copy(end, 24, footer + 32, footer + 48)
  return withChecksum(Buffer.concat([...blocks, offsets, end, mark('CURAEND')]))
}
