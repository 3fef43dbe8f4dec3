// Edits on disk, by a process that can do what Node cannot: bytes in names, nanoseconds, attributes.
import {spawn, type ChildProcess} from 'node:child_process'
import {once} from 'node:events'
import {createInterface} from 'node:readline'
import {fileURLToPath} from 'node:url'
import {python} from '../../native/inventory.js'

const program = fileURLToPath(new URL('editor.py', import.meta.url))

/** One step of editor.py; the times are set after it. */
export interface DiskEdit {
  readonly do: string
  readonly path: string
  readonly stamps?: ReadonlyArray<readonly [path: string, mtime_ns: string]>
  readonly [key: string]: unknown
}

export class Editor {
  readonly #process: ChildProcess
  readonly #answers: AsyncIterator<string>

  constructor() {
    const child = spawn(python, [program], {stdio: ['pipe', 'pipe', 'inherit']})
    this.#process = child
    this.#answers = createInterface({input: child.stdout})[Symbol.asyncIterator]()
  }

  /** Makes them one after the other, their paths below `directory`. Throws where one fails. */
  async edit(directory: string, edits: readonly DiskEdit[]): Promise<void> {
    this.#process.stdin?.write(`${JSON.stringify({at: directory, edits})}\n`)
    const next = await this.#answers.next()
    const answer = next.done === true ? 'it has ended' : (JSON.parse(next.value) as string | null)
    if (answer !== null) throw new Error(`${answer}: ${JSON.stringify(edits)}`)
  }

  /** Until it has ended, its directory is in use. */
  async close(): Promise<void> {
    const ended = once(this.#process, 'exit')
    this.#process.stdin?.end()
    await ended
  }
}
