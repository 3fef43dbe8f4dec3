// The place of the model's source: beside its store, or on a filesystem of its own that can be
// unmounted and replaced by another one.
import {mkdirSync} from 'node:fs'
import {join} from 'node:path'
import {seeded} from '../../native/manifests.js'
import {isRoot, sh} from '../../native/workshop.js'
import {imageOf, unmount, withDisk, withUndo} from '../place.js'
import {scrambled, weighted} from './choices.js'

/** `coarse`: times are whole seconds. `overlay`: a type without reliable inode numbers. */
export type GroundName = 'beside' | 'ext4' | 'coarse' | 'overlay'

/** What editor.py needs to unmount and remount it. */
export interface Mounts {
  readonly image: string
  readonly disk: string
  /** The options and the mount point of an overlay on top. */
  readonly overlay: readonly [options: string, directory: string] | null
}

export interface Ground {
  readonly name: GroundName
  /** For the sources of one run; null: on the disk of its store. */
  readonly directory: string | null
  readonly mounts: Mounts | null
}

export type Grounds = Readonly<Record<GroundName, Ground>>

const beside: Ground = {name: 'beside', directory: null, mounts: null}

const onDisk = (name: GroundName, disk: string): Ground => ({
  name,
  directory: join(disk, 'run'),
  mounts: {image: imageOf(disk), disk, overlay: null},
})

async function withOverlay(disk: string, work: (ground: Ground) => Promise<void>): Promise<void> {
  const merged = join(disk, '..', 'merged')
  const [lower, upper, worker] = ['lower', 'upper', 'work'].map((name) => join(disk, name))
  for (const directory of [merged, lower, upper, worker]) mkdirSync(String(directory))
  const options = `lowerdir=${lower},upperdir=${upper},workdir=${worker}`
  sh('mount', '-t', 'overlay', '-o', options, 'none', merged)
  const undo = (): void => {
    unmount(merged)
  }
  const mounts = {image: imageOf(disk), disk, overlay: [options, merged]} as const
  await withUndo(undo, () => work({name: 'overlay', directory: join(merged, 'run'), mounts}))
}

/** An ordinary user cannot mount, so all sources are then beside their stores. */
export async function withGrounds(work: (grounds: Grounds) => Promise<void>): Promise<void> {
  if (!isRoot) {
    console.log('skipped without root: sources on filesystems of their own')
    return work({beside, ext4: beside, coarse: beside, overlay: beside})
  }
  return withDisk('renamable', (ext4) =>
    withDisk('coarse', (coarse) =>
      withDisk('renamable', (below) =>
        withOverlay(below, (overlay) =>
          work({beside, ext4: onDisk('ext4', ext4), coarse: onDisk('coarse', coarse), overlay}),
        ),
      ),
    ),
  )
}

export const groundFor = (seed: number): GroundName =>
  weighted<GroundName>(seeded(scrambled(seed) ^ 1), [
    ['beside', 55],
    ['ext4', 15],
    ['coarse', 15],
    ['overlay', 15],
  ])
