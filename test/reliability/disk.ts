// A disk whose power can be cut, and which begins again and again as it was prepared.
import {mkdirSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {python, sh} from '../native/workshop.js'
import {makeImage, mountImage, unmount, withUndo, type Filesystem} from './place.js'

/** What has reached the disk when the power is cut: FS_IOC_SHUTDOWN takes these numbers. */
export const cuts = {
  /** The filesystem's journal, but no contents that were not written yet: the worst moment. */
  'journal written': 1,
  /** Nothing but what was flushed before. */
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

  /** Mounts it as it was prepared, calls `work`, and forgets what that has done. */
  async withCopy<T>(work: () => Promise<T>): Promise<T> {
    sh('cp', '--sparse=always', '--reflink=auto', this.#base, this.#image)
    mountImage(this.#image, this.mount)
    const undo = (): void => {
      unmount(this.mount)
      rmSync(this.#image, {force: true})
    }
    return withUndo(undo, work)
  }

  /** Cuts the power of the mounted disk from outside of the program under test. */
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

  /** Power again: the filesystem recovers what its journal has. */
  recover(): void {
    unmount(this.mount)
    mountImage(this.#image, this.mount)
  }
}
