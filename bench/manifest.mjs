// Measures how a manifest is written, checked and looked into, without a tree.
import {readdir} from 'node:fs/promises'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {parseArgs} from 'node:util'
import {wholeNumber} from './options.mjs'
import {must} from './processes.mjs'
import {asProgram, withWorkDirectory} from './program.mjs'

const usage = `npm run bench:manifest -- [options]

  --entries N   of each manifest (default 1000000)
  --work DIR    where the files go (default: the system's temporary directory)
  --help`

const options = {
  entries: {type: 'string', default: '1000000'},
  work: {type: 'string'},
  help: {type: 'boolean', default: false},
}

const root = fileURLToPath(new URL('..', import.meta.url))
const needed = [
  'base/entry',
  'base/volumes',
  'platform/linux',
  'platform/linux_filesystems',
  'platform/linux_metadata',
  'platform/posix',
]
const flags = ['-O2', '-std=c++20', '-pthread', '-fno-exceptions', '-D_GNU_SOURCE']

async function build(directory, signal) {
  const program = join(directory, 'manifest')
  const own = (await readdir(join(root, 'native/manifest'))).filter((name) => name.endsWith('.cc'))
  const alone = own.filter((name) => name !== 'rebuild.cc').map((name) => `manifest/${name}`)
  const units = [...alone, ...needed.map((unit) => `${unit}.cc`)]
  const sources = units.map((unit) => join(root, 'native', unit))
  const all = [...flags, `-I${join(root, 'native')}`, '-o', program]
  await must([process.env.CXX ?? 'g++', ...all, join(root, 'bench/manifest.cc'), ...sources], {
    signal,
  })
  return program
}

await asProgram(async (signal) => {
  const {values} = parseArgs({options})
  if (values.help) {
    console.log(usage)
    return
  }
  const entries = wholeNumber(values.entries, '--entries')
  await withWorkDirectory(values.work, async (directory) => {
    const program = await build(directory, signal)
    for (const each of [10, 1000, entries]) {
      const file = join(directory, `manifest-${each}`)
      const output = await must([program, file, `${entries}`, `${each}`], {signal})
      console.log(`${each} entries a directory\n${output}`)
    }
  })
})
