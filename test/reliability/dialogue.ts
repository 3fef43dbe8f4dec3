// A Python program that reads one line at a time, and answers each with a line of JSON.
import {spawn, type ChildProcess} from 'node:child_process'
import {once} from 'node:events'
import {createInterface} from 'node:readline'
import {python} from '../native/inventory.js'

export class Dialogue {
  readonly #process: ChildProcess
  readonly #answers: AsyncIterator<string>

  constructor(program: string) {
    const child = spawn(python, [program], {stdio: ['pipe', 'pipe', 'inherit']})
    this.#process = child
    this.#answers = createInterface({input: child.stdout})[Symbol.asyncIterator]()
  }

  /** Throws when the program has ended. */
  async ask(line: string): Promise<unknown> {
    this.#process.stdin?.write(`${line}\n`)
    const next = await this.#answers.next()
    if (next.done === true) throw new Error(`no answer to ${line}`)
    return JSON.parse(next.value) as unknown
  }

  /** Its directory is in use until the program has ended. */
  async close(): Promise<void> {
    const ended = once(this.#process, 'exit')
    this.#process.stdin?.end()
    await ended
  }
}
