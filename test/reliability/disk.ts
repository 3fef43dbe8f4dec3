// A disk whose power can be cut, and that can be reset to its prepared state.
import {mkdirSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {python, sh} from '../native/workshop.js'
import {makeImage, mountImage, unmount, withUndo, type Filesystem} from './place.js'

/** What reaches the disk before the power is cut, as numbers of FS_IOC_SHUTDOWN. */
export const cuts = {
  /** The journal of the filesystem, but no unwritten contents: the worst moment. */
  'journal written': 1,
  /** Only what was flushed before. */
  'nothing written': 2,
} as const
export type Cut = keyof typeof cuts
export const cutNames = Object.keys(cuts) as Cut[]

export class Disk {
  readonly mount: string
  readonly #base: string
  readonly #image: string

  /** Makes the filesystem in `directory`, and mounts it for `prepare`. */
  static async make(
    filesystem: Filesystem,
    directory: string,
    prepare: (mount: string) => Promise<void>,
  ): Promise<Disk> {
    const disk = new Disk(directory)
    makeImage(disk.#base, filesystem)
    mountImage(disk.#base, disk.mount)
    const undo = (): void => {
      unmount(disk.mount)
    }
    await withUndo(undo, () => prepare(disk.mount))
    return disk
  }

  private constructor(directory: string) {
    mkdirSync(directory, {recursive: true})
    this.mount = join(directory, 'mount')
    this.#base = join(directory, 'base')
    this.#image = join(directory, 'image')
  }

  /** Mounts the prepared state, calls `work`, and discards its changes. */
  async withCopy<T>(work: () => Promise<T>): Promise<T> {
    sh('cp', '--sparse=always', '--reflink=auto', this.#base, this.#image)
    mountImage(this.#image, this.mount)
    const undo = (): void => {
      unmount(this.mount)
      rmSync(this.#image, {force: true})
    }
    return withUndo(undo, work)
  }

  /** Cuts the power of the mounted disk from outside the program under test. */
  cut(how: Cut): void {
    python(
      this.mount,
      `
import fcntl, struct
FS_IOC_SHUTDOWN = 0x8004587d
disk = os.open('.', os.O_RDONLY)
fcntl.ioctl(disk, FS_IOC_SHUTDOWN, struct.pack('I', ${cuts[how]}))
`,
    )
  }

  /** Restores the power: the filesystem recovers from its journal. */
  recover(): void {
    unmount(this.mount)
    mountImage(this.#image, this.mount)
  }
}
