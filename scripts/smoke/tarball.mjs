// Packs the package like npm would publish it, and reports unexpected and missing files.
import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {fileOf, targets} from '../prebuilds/targets.mjs'
import {root, run} from '../tools.mjs'

const contents = [
  'CHANGELOG.md',
  'LICENSE',
  'README.md',
  'completions/_cura-te-ipsum',
  'completions/cura-te-ipsum.bash',
  'completions/cura-te-ipsum.fish',
  'dist/cli.cjs',
  'dist/diff.cjs',
  'dist/execa.cjs',
  'dist/licences.txt',
  'dist/main.cjs',
  'man/cura-te-ipsum.1',
  'package.json',
]

/** Resolves to {archive, packed_bytes, unpacked_bytes, faults}; `faults` are clauses. */
export async function pack(folder) {
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder]
  const {code, output} = await run('npm', args)
  if (code !== 0) throw new Error(`npm pack ended with ${code}: ${output}`)
  const [packed] = JSON.parse(output.slice(output.indexOf('[')))
  const prebuilds = targets.map(fileOf).filter((file) => existsSync(join(root, file)))
  const wanted = new Set([...contents, ...prebuilds])
  const there = new Set(packed.files.map(({path}) => path))
  return {
    archive: join(folder, packed.filename),
    packed_bytes: packed.size,
    unpacked_bytes: packed.unpackedSize,
    faults: [
      ...[...wanted].filter((file) => !there.has(file)).map((file) => `${file} is missing`),
      ...[...there].filter((file) => !wanted.has(file)).map((file) => `${file} is too much`),
    ],
  }
}
