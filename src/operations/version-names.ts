// Names the copies of versions in one directory.

const longest_bytes = 255
/** A longer ending is no extension. */
const longestExtension_bytes = 32
/** The longest sequence of UTF-8 has four bytes. */
const followers = 3

/** Room for the ending of a copy that is damaged. */
export const damagedEnding = '.damaged'

/** Where the extension begins; the end of the name if it has none. */
function extensionAt(name: Buffer): number {
  const dot = name.lastIndexOf('.')
  return dot > 0 && name.length - dot <= longestExtension_bytes ? dot : name.length
}

/** At most so many bytes, without half a character at the end. */
function shortened(text: Buffer, limit: number): Buffer {
  if (text.length <= limit) return text
  for (let end = limit; end >= limit - followers; end -= 1) {
    if (((text[end] ?? 0) & 0xc0) !== 0x80) return text.subarray(0, end)
  }
  return text.subarray(0, limit)
}

/** Gives each copy a name of its own, always the same in the same order. */
export class VersionNames {
  private readonly used = new Set<string>()

  /** '2026-11-22_10-00-00_letter.txt'; a second one of this name is '…_letter-2.txt'. */
  next(snapshot: string, path: Buffer): Buffer {
    const base = path.subarray(path.lastIndexOf('/') + 1)
    const dot = extensionAt(base)
    for (let number = 1; ; number += 1) {
      const before = Buffer.from(`${snapshot}_`)
      const after = Buffer.concat([
        Buffer.from(number === 1 ? '' : `-${number}`),
        base.subarray(dot),
      ])
      const room = longest_bytes - damagedEnding.length - before.length - after.length
      const name = Buffer.concat([before, shortened(base.subarray(0, dot), room), after])
      const key = name.toString('latin1')
      if (this.used.has(key)) continue
      this.used.add(key)
      return name
    }
  }
}
