// Checks which folder may use which: the tables of ARCHITECTURE.md, read as an order from the top
// down.
import {expect} from 'chai'
import {readdirSync, readFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const textOf = (file: string): string => readFileSync(join(root, file), 'utf8')

/** Maps each file to those that it names. */
type Uses = ReadonlyMap<string, readonly string[]>

/** The files below `dir`, each with the others there that it uses. */
function usesIn(
  dir: string,
  ending: RegExp,
  named: (text: string, file: string) => string[],
): Uses {
  const files = readdirSync(join(root, dir), {recursive: true, encoding: 'utf8'})
    .filter((file) => ending.test(file))
    .sort()
  return new Map(files.map((file) => [file, named(textOf(join(dir, file)), file)]))
}

const includesIn = (text: string): string[] =>
  [...text.matchAll(/^#include "([^"]+)"/gm)].map(([, name = '']) => name)

/**
 * The modules that a text imports, statically or dynamically. Type imports count only with
 * `withTypes`.
 */
const importsIn = (text: string, withTypes: boolean, file = ''): string[] =>
  [...text.matchAll(/^(?:import|export) (?:([^'"`=;]*) from )?'([^']+)'|\bimport\('([^']+)'\)/gm)]
    .filter(([, what = '']) => {
      const isOfTypes = /^type |^\{(\s*type \w+( as \w+)?,?)+\s*\}$/.test(what)
      return withTypes || !isOfTypes
    })
    .map(([, , early = '', late]) => (late ?? early).replace(/\.js$/, '.ts'))
    .map((name) => (name.startsWith('.') ? join(dirname(file), name) : name))

const native = usesIn('native', /\.(cc|h)$/, includesIn)
const source = usesIn('src', /\.ts$/, (text, file) => importsIn(text, true, file))
/** The imports at run time, without types. */
const running = usesIn('src', /\.ts$/, (text, file) => importsIn(text, false, file))

/** The folders of a section's table, from the top down. */
function foldersOf(section: string): string[] {
  const parts = textOf('ARCHITECTURE.md').split(/^## /m)
  const table = parts.find((part) => part.startsWith(`${section}\n`)) ?? ''
  return [...table.matchAll(/^\| `([^`]+)\/` \|/gm)].map(([, folder = '']) => folder)
}

const folderOf = (file: string): string => file.split('/', 1)[0] ?? ''

/** The places where a file names one of a folder above its own. */
function upwardUses(uses: Uses, folders: readonly string[]): string[] {
  const placeOf = (file: string): number => folders.indexOf(folderOf(file))
  return [...uses].flatMap(([file, others]) =>
    others
      .filter((other) => uses.has(other) && placeOf(other) < placeOf(file))
      .map((other) => `${file} knows ${other}`),
  )
}

/** Everything that a file uses, directly or indirectly. */
function reached(uses: Uses, file: string): ReadonlySet<string> {
  const found = new Set<string>()
  const todo = [file]
  for (let at = todo.pop(); at !== undefined; at = todo.pop()) {
    const fresh = (uses.get(at) ?? []).filter((other) => !found.has(other))
    for (const other of fresh) found.add(other)
    todo.push(...fresh)
  }
  return found
}

const circular = (uses: Uses): string[] =>
  [...uses.keys()].filter((file) => reached(uses, file).has(file))

const named = (uses: Uses, ...names: string[]): string[] =>
  [...uses].filter(([, others]) => others.some((other) => names.includes(other))).map(([f]) => f)

describe('layers', () => {
  for (const [section, uses] of [['native/', native] as const, ['src/', source] as const]) {
    const folders = foldersOf(section)

    it(`has each folder of ${section} in the table of ARCHITECTURE.md, and no file outside them`, () => {
      const found = [...uses.keys()].map(folderOf)
      expect([...folders].sort()).to.deep.equal([...new Set(found)].sort())
    })

    it(`names its own files of ${section} by their actual paths`, () => {
      const outside = /^(@|node:)/
      const {devDependencies} = JSON.parse(textOf('package.json')) as {devDependencies: object}
      const unknown = [...uses].flatMap(([file, others]) =>
        others
          .filter(
            (other) => !uses.has(other) && !outside.test(other) && !(other in devDependencies),
          )
          .map((other) => `${file} knows ${other}`),
      )
      expect(unknown).to.deep.equal([])
    })

    it(`goes down in the table of ${section}, never up`, () => {
      expect(upwardUses(uses, folders)).to.deep.equal([])
      expect(upwardUses(uses, [...folders].reverse())).to.have.length.above(50) // the control
    })

    it(`has no circle in ${section}`, () => {
      expect(circular(uses)).to.deep.equal([])
      const [[first, [second = ''] = []] = ['']] = [...uses].filter(
        ([, others]) => others.length > 0,
      )
      const withOne = new Map([...uses, [second, [first]]])
      expect(circular(withOne)).to.include.members([first, second]) // the control
    })
  }

  it('sees imports of every form', () => {
    const forms = [
      "import {a} from './a.js'",
      "import './b.js'",
      "export * from './c.js'",
      "const d = await import('./d.js')",
      "import type {E} from './e.js'",
    ]
    const files = ['a.ts', 'b.ts', 'c.ts', 'd.ts']
    expect(importsIn(forms.join('\n'), false)).to.deep.equal(files)
  })

  it('leaves flags and oclif to the commands', () => {
    const border = /^cli\/(commands\/\w+|(base|query|annotate)-command|flags|main|help)\.ts$/
    const oclif = [...source.values()].flat().filter((name) => name.startsWith('@oclif/'))
    const users = named(source, 'cli/flags.ts', ...oclif)
    expect(users.filter((file) => !border.test(file))).to.deep.equal([])
    expect(users).to.include('cli/commands/backup.ts') // the control
  })

  it('makes decisions and reports without side effects', () => {
    const pure =
      /^(report\/(?!progress)|retention\/|.*\/(series|bases|selectors|snapshot-path|at-time|checks|lock-judge|marker|snapshot-name|failure)\.ts$)/
    const world = ['native/native.ts', 'node:fs', 'node:child_process', 'node:fs/promises']
    const touching = (file: string): boolean =>
      world.some((name) => reached(running, file).has(name))
    const files = [...running.keys()].filter((file) => pure.test(file))
    expect(files).to.include('report/backup.ts')
    expect(files.filter(touching)).to.deep.equal([])
    expect([...running.keys()].filter(touching)).to.include('operations/backup.ts') // the control
  })
})
