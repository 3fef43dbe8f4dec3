// A tree with all kinds of files, the digests in its manifest, and the digests it must have.
import {createHash} from 'node:crypto'
import {linkSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {expect} from 'chai'
import {withRecords} from './records.js'
import {python, sh} from './workshop.js'

/** The digests in a snapshot's record, by paths as Latin-1. */
export const digestsOf = (
  storeDir: string,
  snapshot: string,
): Promise<Map<string, string | null>> =>
  withRecords(
    storeDir,
    [snapshot],
    (records) => {
      const next = records.list(0, Buffer.alloc(0), {recursive: true})
      if (next === null) throw new Error(`there is no record of ${snapshot}`)
      const found = new Map<string, string | null>()
      // Pages that are smaller than any directory here.
      for (let page = next(3); page.length > 0; page = next(3)) {
        expect(page).to.have.length.at.most(3)
        const files = page.filter(({type}) => type === 'file')
        for (const {path, sha256} of files) found.set(path.toString('latin1'), sha256)
      }
      return found
    },
    {whole: true},
  )

/** The hashes of the actual files, by Node. */
export function hashesOf(snapshot: string): Map<string, string> {
  const paths = sh('find', snapshot, '-type', 'f', '-not', '-name', '.backup_*', '-printf', '%P\\0')
  const files = paths.split('\0').filter((path) => path !== '' && !path.startsWith('.backup_'))
  const hash = (path: string): string =>
    createHash('sha256')
      .update(readFileSync(`${snapshot}/${path}`))
      .digest('hex')
  return new Map(files.map((path) => [path, hash(path)]))
}

/** Sorted by path. */
export const sorted = (map: Map<string, string | null>): Array<[string, string | null]> =>
  [...map].sort(([a], [b]) => (a < b ? -1 : 1))

/** Makes sixteen regular files, some with several names or holes, and entries of other types. */
export function plantFiles(directory: string): void {
  const at = (name: string): string => `${directory}/${name}`
  for (const name of ['a', 'b', 'c', 'd']) writeFileSync(at(name), `content of ${name}`)
  writeFileSync(at('empty'), '')
  for (const size of [262_143, 262_144, 262_145, 1_048_577, 5_000_000]) {
    writeFileSync(at(`of-${size}`), Buffer.alloc(size, `some ${size} bytes `))
  }
  mkdirSync(at('dir/below'), {recursive: true})
  writeFileSync(at('dir/below/x'), 'x')
  linkSync(at('a'), at('dir/twin'))
  python(
    directory,
    `
os.symlink('a', 'link'); os.mkfifo('fifo')
for name, places, size in [('start', [9000000], 9500000), ('end', [0], 7000001), ('hole', [], 3000000),
                           ('middle', [0, 1000, 4000000, 8000000], 8000009)]:
    with open(name, 'wb') as file:
        for place in places:
            file.seek(place)
            file.write(b'x' * 7)
        file.truncate(size)
`,
  )
}
