// Compares trees by rsync and by the inventory: whether a copy has everything of its original.
import {spawnSync} from 'node:child_process'
import {join} from 'node:path'
import type {WholeItem} from './inventory.js'
import {asNobody} from './programs.js'
import {foreign, preallocated, type Who} from './rich-tree.js'

/** The directories of the rich tree, which are the sources. */
export const sources = ['docs', 'other']
/** No snapshot has it. */
const socket = 'other/socket'
/** XFS shows root each ACL a second time under this name. */
const secondAcl = 'trusted.SGI_'

/** What rsync would transfer to make the snapshot equal to the sources. */
export function rsyncDifferences(from: string, to: string, who: Who): string {
  const leftOut = [socket, ...(who === 'root' ? [] : foreign)].map((path) => `--exclude=/${path}`)
  const under = who === 'root' ? [] : asNobody
  // Our rule replaces rsync's own, which leaves the system's attributes to -A.
  const rules = who === 'root' ? [`--filter=-x ${secondAcl}*`, '--filter=-x system.*'] : []
  const flags = ['-aHAXni', '--checksum', '--delete', ...rules, ...leftOut]
  const paths = [...sources.map((source) => join(from, source)), `${to}/`]
  const [command = '', ...args] = [...under, 'rsync', ...flags, ...paths]
  const {stdout, stderr} = spawnSync(command, args, {encoding: 'utf8'})
  return stdout + stderr
}

const isBelow = (path: string, top: string): boolean => path === top || path.startsWith(`${top}/`)

/** The items that a snapshot made by this user must have. */
export function kept(items: readonly WholeItem[], who: Who): WholeItem[] {
  const leftOut = [socket, ...(who === 'root' ? [] : foreign)]
  return items.filter(
    ({path}) =>
      sources.some((source) => isBelow(path, source)) &&
      !leftOut.some((other) => isBelow(path, other)),
  )
}

/** Everything that a copy shares with its original, including link groups. */
export function shared(items: readonly WholeItem[]): object[] {
  const firsts = new Map<string, string>()
  return items.map(({ino, ctime_ns, names, blocks, extents, ...item}) => {
    void [ctime_ns, names, blocks, extents]
    if (!firsts.has(ino)) firsts.set(ino, item.path)
    const xattrs = Object.entries(item.xattrs).filter(([key]) => !key.startsWith(secondAcl))
    return {...item, xattrs, first: firsts.get(ino)}
  })
}

const dataOf = ({extents}: WholeItem): number =>
  extents.reduce((sum, [start, end]) => sum + end - start, 0)

/** Files that take more space than their originals, or have data where the original has a hole. */
export function swollen(from: readonly WholeItem[], to: readonly WholeItem[]): string[] {
  const originals = new Map(from.map((item) => [item.path, item]))
  const blockOf512 = 8
  const isSwollen = (item: WholeItem): boolean => {
    const original = originals.get(item.path)
    if (original === undefined || item.type !== 'file') return false
    const room = original.blocks + blockOf512 * Math.max(1, original.extents.length)
    const isFilled = dataOf(item) > dataOf(original) && !preallocated.includes(item.path)
    return item.blocks > room || isFilled
  }
  return to.filter(isSwollen).map(({path}) => path)
}
