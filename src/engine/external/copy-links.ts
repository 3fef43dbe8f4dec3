// Links a tree with GNU cp: `cp -al`.
import {runChild} from './child.js'
import {CuraError} from '../../base/errors.js'
import {printable} from '../../base/escape.js'
import type {NativeStore} from '../../native/native.js'

const textLimit_bytes = 4096
const fullPattern = /no space left on device|disk quota exceeded/i

/** Makes a hardlinked copy `to` of `from`, both below the store. Throws a CuraError. */
export async function copyLinks(
  store: NativeStore,
  copy: string,
  {from, to}: {readonly from: string; readonly to: string},
  signal: AbortSignal,
): Promise<void> {
  let words = Buffer.alloc(0)
  const {code} = await runChild(
    {
      program: copy,
      args: ['-al', '--', `./${from}`, `./${to}`],
      directory: store.directory(),
      input: null,
      onOutput: () => undefined,
      onErrors: (chunk) => {
        words = Buffer.concat([words, chunk]).subarray(0, textLimit_bytes)
      },
    },
    signal,
  )
  if (code === 0) return
  const text = words.toString('latin1')
  const kind = fullPattern.test(text) ? 'noSpace' : 'failed'
  const [line = ''] = text.split('\n')
  const why = printable(Buffer.from(line, 'latin1'))
  throw new CuraError(
    kind,
    `${printable(copy)} could not link ${printable(from)}: ${why}; no snapshot was made`,
  )
}
