// Compares patterns with git: the results of `git check-ignore` on random and on special trees.
import {expect} from 'chai'
import {spawnSync} from 'node:child_process'
import {mkdirSync, rmSync, writeFileSync} from 'node:fs'
import {follow} from '../../src/native/job.js'
import {native, type PatternList, type SelectionOptions} from '../../src/native/native.js'
import {Chance, randomName, randomPattern, randomTree} from './ignore-cases.js'
import {plain} from './door.js'
import {workshop} from './workshop.js'

const never = new AbortController().signal
const nothing: SelectionOptions = {
  patterns: [],
  ignoreFiles: [],
  tags: [],
  attributes: [],
  largest: null,
  oneFileSystem: false,
}

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1')
const inFile = (lines: readonly string[]): PatternList => ({
  origin: 'patterns',
  text: bytes(lines.map((line) => `${line}\n`).join('')),
  isFile: true,
  foldsCase: false,
})

describe('patterns', function () {
  this.timeout(120_000)
  const {docs, store} = workshop()

  const at = (path: string): Buffer => Buffer.concat([Buffer.from(`${docs()}/`), bytes(path)])

  function git(args: readonly string[], input: Buffer): Buffer {
    const env = {PATH: process.env.PATH, HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1'}
    const {status, stdout, stderr} = spawnSync('git', args, {cwd: docs(), env, input})
    // 1: nothing is ignored.
    if (status !== 0 && status !== 1) throw new Error(`git ended with ${status}: ${String(stderr)}`)
    return stdout
  }

  const split = (text: string): string[] => text.split('\0').filter((path) => path !== '')

  /** The paths that git ignores. */
  function ignoredByGit(paths: readonly string[], config: readonly string[] = []): string[] {
    const options = ['-c', 'core.excludesFile=/dev/null', ...config.flatMap((set) => ['-c', set])]
    const input = bytes(paths.join('\0'))
    const found = git([...options, 'check-ignore', '--no-index', '-z', '--stdin'], input)
    return split(found.toString('latin1')).sort()
  }

  /** The paths that the addon leaves out. */
  async function leftOut(paths: readonly string[], selection: Partial<SelectionOptions>) {
    const opened = native().openStore(store())
    const sources = opened.openSources([{name: 'docs', path: docs()}])
    try {
      const snapshot = opened.snapshot({
        sources,
        bases: [],
        ...plain,
        selection: native().selection({...nothing, ...selection, lists: false}),
      })
      await follow(snapshot.compare(), never, () => undefined)
      const found = new Set<string>()
      for (let page = snapshot.changes(1000); page.length > 0; page = snapshot.changes(1000)) {
        for (const {path} of page) found.add(path.toString('latin1').slice('docs/'.length))
      }
      snapshot.close()
      return paths.filter((path) => !found.has(path)).sort()
    } finally {
      sources.close()
      opened.close()
    }
  }

  function makeTree(dirs: readonly string[], files: readonly string[]): void {
    rmSync(docs(), {recursive: true})
    mkdirSync(docs())
    git(['init', '-q'], Buffer.alloc(0))
    for (const dir of dirs) mkdirSync(at(dir))
    for (const file of files) writeFileSync(at(file), '')
  }

  /** Null for an invalid pattern. */
  const usable = (line: string): boolean => {
    try {
      native().selection({...nothing, patterns: [inFile([line])], lists: false})
      return true
    } catch (error) {
      expect((error as {code?: unknown}).code).to.equal('BAD_PATTERN')
      return false
    }
  }

  /**
   * Calls `round` on random trees until `count` pairs of path and pattern list are done. Returns
   * the ignored paths.
   */
  async function rounds(
    cases: number,
    seed: number,
    round: (chance: Chance, dirs: string[], paths: string[]) => Promise<readonly string[]>,
  ): Promise<void> {
    const chance = new Chance(seed)
    let [done, ignored] = [0, 0]
    while (done < cases) {
      const {dirs, files} = randomTree(chance, 120)
      makeTree(dirs, files)
      const paths = [...dirs, ...files]
      for (let i = 0; i < 12; ++i) {
        ignored += (await round(chance, dirs, paths)).length
        done += paths.length
      }
    }
    // The controls: some paths are ignored, and some are not.
    expect(ignored / done).to.be.within(0.1, 0.8)
  }

  it('are matched like git does, in 11,000 cases of a pattern file (slow)', () =>
    rounds(11_000, 1, async (chance, _dirs, paths) => {
      const made = chance.many(1, 5, () => randomPattern(chance, paths))
      writeFileSync(docs('.git/info/exclude'), bytes(made.map((line) => `${line}\n`).join('')))
      const wanted = ignoredByGit(paths)
      const found = await leftOut(paths, {patterns: [inFile(made.filter(usable))]})
      expect(found, JSON.stringify(made)).to.deep.equal(wanted)
      return wanted
    }))

  it('are matched like git does, in 11,000 cases of .gitignore files (slow)', () =>
    rounds(11_000, 2, async (chance, dirs, paths) => {
      const places = ['', ...chance.many(1, 3, () => `${chance.pick(dirs)}/`)]
      const written = places.map((place) => {
        const tails = ['', '', '', '', '\0', '\0x', ' \0 ']
        const line = (): string => randomPattern(chance, paths) + chance.pick(tails)
        const lines = chance.many(1, 4, line)
        const end = chance.pick(['\n', '\r\n'])
        const text = chance.pick(['', '', '\xef\xbb\xbf', '\n# a remark\n']) + lines.join(end)
        writeFileSync(at(`${place}.gitignore`), bytes(text))
        return {place, text}
      })
      const all = [...paths, ...new Set(places.map((place) => `${place}.gitignore`))]
      const wanted = ignoredByGit(all)
      const found = await leftOut(all, {ignoreFiles: ['.gitignore']})
      expect(found, JSON.stringify(written)).to.deep.equal(wanted)
      for (const place of places) rmSync(at(`${place}.gitignore`), {force: true})
      return wanted
    }))

  it('are matched like git does with ignored case, in 6,000 cases (slow)', () =>
    rounds(6000, 3, async (chance, _dirs, paths) => {
      // Elsewhere the two differ: on the command line '#' and trailing spaces are literal.
      const made = chance
        .many(1, 5, () => randomPattern(chance, paths).trim())
        .filter((line) => line !== '' && !line.startsWith('#') && usable(line))
      writeFileSync(docs('.git/info/exclude'), bytes(made.map((line) => `${line}\n`).join('')))
      const wanted = ignoredByGit(paths, ['core.ignoreCase=true'])
      const patterns = made.map((line) => ({
        origin: '--iexclude',
        text: bytes(line),
        isFile: false,
        foldsCase: true,
      }))
      expect(await leftOut(paths, {patterns}), JSON.stringify(made)).to.deep.equal(wanted)
      return wanted
    }))

  const classes = [
    ...['alnum', 'alpha', 'blank', 'cntrl', 'digit', 'graph', 'lower', 'print', 'punct', 'space'],
    ...['upper', 'xdigit'],
  ]

  it('have the same bytes in each class as in git', async () => {
    const all = Array.from({length: 255}, (_, i) => String.fromCharCode(i + 1))
    // A leading colon is special for git.
    const names = all.filter((byte) => !'./:'.includes(byte))
    makeTree([], names)
    for (const line of classes.flatMap((name) => [`[[:${name}:]]`, `[^[:${name}:]]`])) {
      writeFileSync(docs('.git/info/exclude'), bytes(`${line}\n`))
      const wanted = ignoredByGit(names)
      expect(wanted, line).to.not.be.empty
      expect(await leftOut(names, {patterns: [inFile([line])]}), line).to.deep.equal(wanted)
    }
  })

  it('ignore case also in sets, and in negated sets', async () => {
    const names = ['a', 'A', 'b', 'B', 'z', 'Z', '_', '1']
    makeTree([], names)
    const without = (pattern: string) =>
      leftOut(names, {
        patterns: [{origin: '--iexclude', text: bytes(pattern), isFile: false, foldsCase: true}],
      })
    for (const line of ['[!a]', '[^a-z]', '[!A-Y]', '[Z-a]', '[!Z-a]', '[![:upper:]]', '[^_b]']) {
      writeFileSync(docs('.git/info/exclude'), bytes(`${line}\n`))
      const wanted = ignoredByGit(names, ['core.ignoreCase=true'])
      expect(await without(line), line).to.deep.equal(wanted)
    }
    // In git, single capitals in sets or after a backslash never match then.
    expect(await without('[A]')).to.deep.equal(['A', 'a'])
    expect(await without('[!A]')).to.deep.equal(names.filter((name) => !/a/i.test(name)).sort())
    expect(await without('\\A')).to.deep.equal(['A', 'a'])
  })

  it('differ if the order of the lines does: the control', async () => {
    let differing = 0
    await rounds(1000, 5, async (chance, _dirs, paths) => {
      const made = chance.many(3, 5, () => randomPattern(chance, paths)).filter(usable)
      writeFileSync(docs('.git/info/exclude'), bytes(made.map((line) => `${line}\n`).join('')))
      const wanted = ignoredByGit(paths)
      const found = await leftOut(paths, {patterns: [inFile(made.reverse())]})
      if (found.join('\0') !== wanted.join('\0')) differing += 1
      return wanted
    })
    expect(differing).to.be.above(0)
  })

  it('that are refused match nothing in git either (slow)', () => {
    const chance = new Chance(4)
    const names = chance.many(200, 200, () => randomName(chance))
    makeTree([], names)
    const bad = chance
      .many(4000, 4000, () => randomPattern(chance, names).replace(/^!/, ''))
      .filter((line) => !usable(line))
    expect(bad.length).to.be.above(50)
    for (const line of bad.slice(0, 100)) {
      writeFileSync(docs('.git/info/exclude'), bytes(line))
      expect(ignoredByGit(names), JSON.stringify(line)).to.deep.equal([])
    }
  })
})
