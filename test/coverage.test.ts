// The counting of lines behind `npm run coverage`, on a program of a few lines.
import {spawnSync} from 'node:child_process'
import {cpSync, mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {pathToFileURL} from 'node:url'
import {expect} from 'chai'
import {build} from 'esbuild'
import {packageRoot} from '../src/base/package.js'
import {temporaryDirectory} from './support/temporary.js'

type Lines = ReadonlyMap<string, ReadonlyMap<number, boolean>>

// Each line of code that runs ends with "ran", and each that does not with "idle".
const cli = `import {chosen} from './chosen.js' // gone from the bundle
interface Nothing {
  of: string
}
const text: Nothing = {of: 'x'} // ran

if (process.argv.length > 9) { // ran
  chosen(text.of) // idle
} else { // ran
  void import('./main.js' as string) // ran
}
function never() { // idle
  return 1 // idle
}
process.exitCode = text.of === 'x' ? 0 : never() // ran
`
const chosen = `export function chosen(text: string) { // ran
  if (text === 'a') return 'A' // ran
  if (text === 'b') { // ran
    return 'B' // idle
  }
  return text // ran
}
`
const main = `import {chosen} from './chosen.js' // gone from the bundle
chosen('a') // ran
chosen('c') // ran
`

describe('coverage', () => {
  const temporary = temporaryDirectory()
  const path = (...names: string[]): string => join(temporary(), ...names)

  it('tells the lines of the bundle that ran from those that did not, over all processes', async () => {
    for (const folder of ['src', 'counts', 'modules', 'dist']) mkdirSync(path(folder))
    cpSync(join(packageRoot, 'scripts/coverage'), path('scripts/coverage'), {recursive: true})
    const texts = {'src/cli.ts': cli, 'src/chosen.ts': chosen, 'src/main.ts': main}
    for (const [file, text] of Object.entries(texts)) writeFileSync(path(file), text)
    const counter = JSON.stringify(path('scripts/coverage/count.cjs'))
    await build({
      absWorkingDir: temporary(),
      entryPoints: ['src/cli.ts', 'src/main.ts'],
      outdir: 'dist',
      outExtension: {'.js': '.cjs'},
      bundle: true,
      external: ['./main.js'],
      platform: 'node',
      format: 'cjs',
      sourcemap: 'external',
      banner: {js: `if (require(${counter}).begin(module)) return;`},
    })
    // As the bundle of the program has it.
    writeFileSync(path('dist/main.js'), "require('./main.cjs')")
    for (const env of [{}, {NODE_V8_COVERAGE: path('elsewhere')}]) {
      const {status, stderr} = spawnSync(process.execPath, [path('dist/cli.cjs')], {
        env,
        encoding: 'utf8',
      })
      expect({status, stderr}).to.deep.equal({status: 0, stderr: ''})
    }

    const script = pathToFileURL(path('scripts/coverage/typescript.mjs')).href
    const {typescriptLines} = (await import(script)) as {
      typescriptLines: (twin: string) => {lines: Lines; processes: number}
    }
    const {lines, processes} = typescriptLines(temporary())
    expect(processes).to.equal(2)
    for (const [file, text] of Object.entries(texts)) {
      const found = [...(lines.get(file) ?? [])].sort(([a], [b]) => a - b)
      const wanted = text.split('\n').flatMap((line, at) => {
        const [, end] = /\/\/ (ran|idle)$/.exec(line) ?? []
        return end === undefined ? [] : [[at + 1, end === 'ran']]
      })
      expect(found, file).to.deep.equal(wanted)
    }
  })
})
