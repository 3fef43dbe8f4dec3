// Edits on disk, by a process that can do what Node cannot: bytes in names, nanoseconds, attributes.
import {fileURLToPath} from 'node:url'
import {Dialogue} from '../dialogue.js'

const program = fileURLToPath(new URL('editor.py', import.meta.url))

/** One step of editor.py; the times are set after it. */
export interface DiskEdit {
  readonly do: string
  readonly path: string
  readonly stamps?: ReadonlyArray<readonly [path: string, mtime_ns: string]>
  readonly [key: string]: unknown
}

export class Editor extends Dialogue {
  constructor() {
    super(program)
  }

  /** Makes them one after the other, their paths below `directory`. Throws where one fails. */
  async edit(directory: string, edits: readonly DiskEdit[]): Promise<void> {
    const problem = (await this.ask(JSON.stringify({at: directory, edits}))) as string | null
    if (problem !== null) throw new Error(`${problem}: ${JSON.stringify(edits)}`)
  }
}
