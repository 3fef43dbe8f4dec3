// Edits trees on disk in a Python process, for what Node cannot do: byte names, nanoseconds,
// attributes.
import {fileURLToPath} from 'node:url'
import {Dialogue} from '../dialogue.js'

const program = fileURLToPath(new URL('editor.py', import.meta.url))

/** One step of editor.py. Its times are set afterwards. */
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

  /** Makes the edits in order, with paths below `directory`. Throws if one fails. */
  async edit(directory: string, edits: readonly DiskEdit[]): Promise<void> {
    const problem = (await this.ask(JSON.stringify({at: directory, edits}))) as string | null
    if (problem !== null) throw new Error(`${problem}: ${JSON.stringify(edits)}`)
  }
}
