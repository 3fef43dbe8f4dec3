// Reads single keys and short answers from a terminal.
import {emitKeypressEvents} from 'node:readline'
import type {ReadStream} from 'node:tty'
import {CuraError} from '../base/errors.js'

/** The user leaves without an answer: q, Escape, or the end of the input. */
export const leave = Symbol('leave')
type Leave = typeof leave

interface Key {
  readonly name?: string | undefined
  readonly ctrl: boolean
  readonly sequence: string
}

const ending: Key = {name: 'escape', ctrl: false, sequence: ''}

export class Keys {
  private readonly typed: Key[] = []
  private wake: (() => void) | null = null
  private readonly hear = (_: string | undefined, key: Key): void => {
    this.typed.push(key)
    this.wake?.()
  }
  private readonly end = (): void => {
    this.hear(undefined, ending)
  }

  constructor(private readonly print: (text: string) => void) {}

  /** Keys count while `work` runs; afterwards the terminal is as before. */
  static async during<T>(
    input: ReadStream,
    print: (text: string) => void,
    work: (keys: Keys) => Promise<T>,
  ): Promise<T> {
    const keys = new Keys(print)
    emitKeypressEvents(input)
    input.setRawMode(true)
    input.on('keypress', keys.hear).on('end', keys.end).resume()
    try {
      return await work(keys)
    } finally {
      input.off('keypress', keys.hear).off('end', keys.end).pause()
      input.setRawMode(false)
    }
  }

  /** A number from 1 to `last`. A digit that no other can follow needs no Enter. */
  async number(last: number): Promise<number | Leave> {
    for (let text = ''; ;) {
      const key = await this.next()
      if (isLeaving(key)) return this.answered(leave)
      if (key.name === 'backspace') text = this.erase(text)
      const value = Number(text + (/^\d$/.test(key.sequence) ? key.sequence : ''))
      if (isEnter(key) && value >= 1 && value <= last) return this.answered(value)
      if (!/^\d$/.test(key.sequence) || value < 1 || value > last) continue
      text += key.sequence
      this.print(key.sequence)
      if (value * 10 > last) return this.answered(value)
    }
  }

  /** One of these letters. */
  async letter<L extends string>(letters: readonly L[]): Promise<L | Leave> {
    for (;;) {
      const key = await this.next()
      if (isLeaving(key)) return this.answered(leave)
      const found = letters.find((letter) => letter === key.sequence.toLowerCase())
      if (found === undefined) continue
      this.print(found)
      return this.answered(found)
    }
  }

  /** A line of text; an empty one leaves. */
  async line(): Promise<string | Leave> {
    for (let text = ''; ;) {
      const key = await this.next()
      if (key.name === 'escape') return this.answered(leave)
      if (isEnter(key)) return this.answered(text === '' ? leave : text)
      if (key.name === 'backspace') text = this.erase(text)
      // eslint-disable-next-line no-control-regex -- keys such as arrows send control characters
      if (key.ctrl || /[\u0000-\u001f\u007f]/.test(key.sequence)) continue
      text += key.sequence
      this.print(key.sequence)
    }
  }

  private answered<T>(answer: T): T {
    this.print('\n')
    return answer
  }

  private erase(text: string): string {
    if (text !== '') this.print('\b \b')
    return [...text].slice(0, -1).join('')
  }

  private async next(): Promise<Key> {
    while (this.typed.length === 0) {
      await new Promise<void>((resolve) => {
        this.wake = resolve
      })
    }
    const key = this.typed.shift() ?? ending
    if (key.ctrl && key.name === 'c') {
      this.print('\n')
      throw new CuraError('interrupted', 'stopped by Ctrl-C; nothing was restored')
    }
    return key.ctrl && key.name === 'd' ? ending : key
  }
}

const isLeaving = ({name}: Key): boolean => name === 'escape' || name === 'q'
const isEnter = ({name}: Key): boolean => name === 'return' || name === 'enter'
