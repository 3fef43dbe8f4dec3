// Small filesystem images in memory for the tests of one describe block.
import {existsSync, mkdirSync, mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {isRoot, sh} from './workshop.js'

export const kinds = ['ext4', 'xfs', 'btrfs'] as const
/** The rough one has timestamps in whole seconds only. */
export type Kind = (typeof kinds)[number] | 'rough'

const makers: Readonly<Record<Kind, readonly [size: string, make: string, ...flags: string[]]>> = {
  // A small ext4 may get inodes without nanoseconds, and blocks too small for attributes.
  ext4: ['64M', 'mkfs.ext4', '-q', '-F', '-I', '256', '-b', '4096'],
  rough: ['16M', 'mkfs.ext4', '-q', '-F', '-I', '128'],
  xfs: ['320M', 'mkfs.xfs', '-q', '-f'],
  btrfs: ['160M', 'mkfs.btrfs', '-q', '-f'],
}

const all: readonly Kind[] = [...kinds, 'rough']
const programsThere = all.every((kind) => existsSync(`/usr/sbin/${makers[kind][1]}`))

/** The requirements of tests that use these filesystems, for their titles. */
export const needs = 'needs root and mkfs of ext4, xfs and btrfs'

function mount(directory: string, kind: Kind): void {
  const [size, make, ...flags] = makers[kind]
  const image = join(directory, `${kind}.image`)
  sh('truncate', '-s', size, image)
  sh(make, ...flags, image)
  mkdirSync(join(directory, kind))
  sh('mount', '-o', 'loop', image, join(directory, kind))
}

/**
 * Call it in a describe block, which is skipped if a requirement is missing. Returns the path of
 * each filesystem's root.
 */
export function filesystems(): (kind: Kind) => string {
  const mounted: string[] = []
  let directory = ''

  before(function () {
    if (!isRoot || !programsThere) this.skip()
    directory = mkdtempSync(join(tmpdir(), 'cura-'))
    sh('chmod', '755', directory)
    sh('mount', '-t', 'tmpfs', '-o', 'size=1g,mode=755', 'cura-test', directory)
    mounted.push(directory)
    for (const kind of all) {
      mount(directory, kind)
      mounted.push(join(directory, kind))
    }
  })

  after(() => {
    for (const place of mounted.splice(0).reverse()) sh('umount', place)
    if (directory !== '') rmSync(directory, {recursive: true})
  })

  return (kind) => join(directory, kind)
}
