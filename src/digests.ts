// The operation `digests`: what a snapshot's manifest says of its files, for a tool that checks
// them. It takes no lock and writes nothing.
import {CuraError, exitCodes} from './errors.js'
import {pathJson, printable} from './escape.js'
import {isNativeError, nativeErrorText} from './failure.js'
import type {FileDigest, NativeStore} from './native.js'
import {newestFinished, openStore, readInventory} from './store.js'
import {counted} from './units.js'

const digestsPage = 4000

export interface DigestsOptions {
  readonly storeDir: string
  /** Null: the newest finished one. */
  readonly snapshot: string | null
  readonly now: Date
  /** Takes the list page by page; false ends it. */
  readonly onPage: (page: readonly FileDigest[]) => Promise<boolean>
}

export interface DigestsResult {
  readonly snapshot: string
  /** Regular files, of which so many are without a digest. */
  readonly files: number
  readonly without: number
  readonly exit: number
}

const isKnown = ({sha256}: FileDigest): boolean => sha256 !== null

/** Bytes as Latin-1; what would end a line is escaped, and a backslash before it all says so. */
function checkLine({path, sha256}: FileDigest): string {
  const name = path.toString('latin1')
  if (!/[\\\n\r]/.test(name)) return `${sha256}  ${name}\n`
  const escaped = name.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r')
  return `\\${sha256}  ${escaped}\n`
}

/** Those that are known, as `sha256sum -c` reads them. */
export const checkLines = (page: readonly FileDigest[]): Buffer =>
  Buffer.from(page.filter(isKnown).map(checkLine).join(''), 'latin1')

export const digestJson = ({path, sha256}: FileDigest): object => ({...pathJson(path), sha256})

/** What to say of the files that cannot be checked; nothing where there are none. */
export function withoutText({snapshot, files, without}: DigestsResult): string {
  if (without === 0) return ''
  const of = `${counted(without, 'file')} of ${counted(files, 'file')} in ${snapshot}`
  return `No digest is known of ${of}.\n`
}

function chooseSnapshot(store: NativeStore, {storeDir, snapshot, now}: DigestsOptions): string {
  const {snapshots} = readInventory(store, now)
  const dir = printable(storeDir)
  if (snapshot === null) {
    const newest = newestFinished(snapshots)
    if (newest !== null) return newest.name
    throw new CuraError('usage', `there is no finished snapshot in ${dir}: make one with backup`)
  }
  if (snapshots.some(({name}) => name === snapshot)) return snapshot
  throw new CuraError(
    'usage',
    `there is no snapshot "${printable(snapshot)}" in ${dir}: status shows what there is`,
  )
}

function openList(store: NativeStore, name: string): (limit: number) => FileDigest[] {
  const list = store.digests(name)
  if (typeof list !== 'string') return list
  throw new CuraError('failed', `the manifest of ${name} cannot be used: ${printable(list)}`)
}

async function listAll(
  next: (limit: number) => FileDigest[],
  onPage: DigestsOptions['onPage'],
): Promise<Pick<DigestsResult, 'files' | 'without'>> {
  const total = {files: 0, without: 0}
  for (;;) {
    const page = next(digestsPage)
    total.files += page.length
    total.without += page.length - page.filter(isKnown).length
    if (page.length === 0 || !(await onPage(page))) return total
  }
}

/** Throws a CuraError whose code says what the process ends with. */
export async function digests(options: DigestsOptions): Promise<DigestsResult> {
  const store = openStore(options.storeDir)
  try {
    const snapshot = chooseSnapshot(store, options)
    const {files, without} = await listAll(openList(store, snapshot), options.onPage)
    return {
      snapshot,
      files,
      without,
      exit: without === 0 ? exitCodes.done : exitCodes.incomplete,
    }
  } catch (error) {
    if (!isNativeError(error)) throw error
    const message = `the digests cannot be read: ${nativeErrorText(error)}`
    throw new CuraError('failed', message, {cause: error})
  } finally {
    store.close()
  }
}
