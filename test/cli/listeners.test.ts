// The listeners: what each prints of an operation, and what it keeps.
import {expect} from 'chai'
import {JsonListener, LinesListener, TextListener} from '../../src/cli/listeners.js'
import {ProgressLine} from '../../src/report/progress-line.js'
import type {OperationEvent} from '../../src/operations/events.js'

const change: OperationEvent = {
  event: 'change',
  changes: [{kind: 'new', type: 'file', path: Buffer.from('docs/a'), bytes: 1}],
}
const progress: OperationEvent = {
  event: 'progress',
  progress: {phase: 'scan', entries: 1, bytes: 1, totalEntries: 0, totalBytes: 0},
}
const wait: OperationEvent = {event: 'wait', text: 'waiting for the lock'}

describe('listeners', () => {
  const written: string[] = []
  const print = (text: string): Promise<void> => {
    written.push(text)
    return Promise.resolve()
  }
  beforeEach(() => written.splice(0))

  /** What a text listener prints, draws and complains of. */
  async function heard(silent: boolean): Promise<string[]> {
    const terminal = {isTTY: true, columns: 80, write: (text: string) => written.push(text)}
    const look = {isCapable: true, hasSigns: true, dim: (text: string) => text}
    const live = new ProgressLine(terminal, () => 0, look)
    const complain = (text: string): void => void written.push(`! ${text}`)
    const listener = new TextListener({print, complain, live, silent})
    for (const event of [progress, wait, change]) await listener.hear(event)
    expect(listener).to.deep.include({changes: [], omissions: []})
    return written
  }

  it('clear the progress line before they print text', async () => {
    const texts = await heard(false)
    expect(texts[0]).to.include('\rScanning')
    expect(texts.slice(1)).to.deep.equal([
      '\r\u001b[J',
      '! cura-te-ipsum: waiting for the lock\n',
      'new       file           1 B  docs/a\n',
    ])
  })

  it('print only lists when they are silent', async () => {
    expect(await heard(true)).to.deep.equal(['new       file           1 B  docs/a\n'])
  })

  it('keep the lists for one JSON object', async () => {
    const listener = new JsonListener()
    for (const event of [progress, change, wait, change]) await listener.hear(event)
    expect(listener.changes).to.have.lengthOf(2)
    expect(written).to.deep.equal([])
  })

  it('print lines at once, and progress once a second', async () => {
    let now_ms = 0
    const listener = new LinesListener(print, false, () => now_ms)
    for (now_ms of [0, 500, 999, 1000, 1500]) await listener.hear(progress)
    expect(written).to.have.lengthOf(2)
    await listener.hear(change)
    expect(written.at(-1)).to.match(/^\{"event":"change",.*\}\n$/)
  })

  it('print no progress line with --quiet', async () => {
    const listener = new LinesListener(print, true, () => 0)
    for (const event of [progress, wait, change]) await listener.hear(event)
    expect(written).to.have.lengthOf(1)
  })
})
