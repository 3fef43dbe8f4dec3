// What the progress line writes to a terminal, and when.
import {expect} from 'chai'
import type {Progress} from '../../src/native/native.js'
import {ProgressLine, type ProgressLook} from '../../src/report/progress-line.js'

const scan: Progress = {phase: 'scan', entries: 7, bytes: 0, totalEntries: 0, totalBytes: 0}
const look: ProgressLook = {isCapable: true, hasSigns: true, dim: (text) => `<${text}>`}

class Screen {
  readonly columns: number
  written = ''
  constructor(
    readonly isTTY: boolean,
    columns = 100,
  ) {
    this.columns = columns
  }

  write(text: string): void {
    this.written += text
  }
}

/** One line, which is not wrapped, and the cursor before it. */
const drawn = (text: string): string => `\u001b[?7l\r${text}\u001b[J\r\u001b[?7h`

describe('progress line', () => {
  it('draws within the width of the terminal, and erases what it drew', () => {
    const screen = new Screen(true, 10)
    const line = new ProgressLine(screen, () => 0, look)
    line.update(scan)
    expect(screen.written).to.equal(drawn('Scanning'))
    line.clear()
    line.clear()
    expect(screen.written).to.equal(`${drawn('Scanning')}\r\u001b[J`)
  })

  it('draws on a terminal that does not know its width', () => {
    const screen = new Screen(true, 0)
    new ProgressLine(screen, () => 0, look).update(scan)
    expect(screen.written).to.equal(drawn('Scanning  7 entries'))
  })

  it('says at once that the run stops, and stays with that', () => {
    const screen = new Screen(true)
    const line = new ProgressLine(screen, () => 0, look)
    line.stop()
    expect(screen.written).to.equal(drawn('Stopping'))
    line.update(scan)
    expect(screen.written).to.equal(drawn('Stopping') + drawn('Stopping'))
  })

  // The directory, the columns, whether there are signs, and the second line.
  const directories: ReadonlyArray<[string, number, boolean, string | null]> = [
    ['docs/a', 80, true, '<docs/a>'],
    ['docs/a', 40, true, null],
    ['a\u001b[31mb\n', 80, true, '<a\\x1b[31mb\\x0a>'],
    [`x${'y'.repeat(58)}`, 61, true, `<x${'y'.repeat(58)}>`],
    [`x${'y'.repeat(70)}`, 61, true, `<…${'y'.repeat(59)}>`],
    [`x${'y'.repeat(70)}`, 61, false, `<...${'y'.repeat(57)}>`],
    ['語'.repeat(40), 61, true, `<…${'語'.repeat(29)}>`],
  ]
  for (const [directory, columns, hasSigns, expected] of directories) {
    it(`shows ${expected ?? 'no directory'} at ${columns} columns`, () => {
      const screen = new Screen(true, columns)
      const line = new ProgressLine(screen, () => 0, {...look, hasSigns})
      line.update({...scan, directory: Buffer.from(directory)})
      // eslint-disable-next-line no-control-regex -- what follows the second line
      const second = /\n(.*)\u001b\[J\u001b\[A\r/.exec(screen.written)?.[1] ?? null
      expect(second).to.equal(expected)
    })
  }

  it('shows no directory while the disk is written', () => {
    const screen = new Screen(true)
    const sync: Progress = {...scan, phase: 'sync', directory: Buffer.from('docs')}
    new ProgressLine(screen, () => 0, look).update(sync)
    expect(screen.written).to.equal(drawn('Writing to disk'))
  })

  for (const [what, isTTY, isCapable] of [
    ['without a terminal', false, true],
    ['on a dumb terminal', true, false],
  ] as const) {
    it(`writes nothing ${what}`, () => {
      const screen = new Screen(isTTY)
      const line = new ProgressLine(screen, () => 0, {...look, isCapable})
      line.update(scan)
      line.stop()
      line.clear()
      expect(screen.written).to.equal('')
    })
  }
})
