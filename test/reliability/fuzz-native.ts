// Builds the libFuzzer targets with clang, and runs them on real manifests and on patterns.
import {spawnSync} from 'node:child_process'
import {cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {asOlder, blocksOf} from '../native/older-manifests.js'
import {runProgram} from '../native/programs.js'
import {makeTree} from './tree.js'
import type {Figures} from './suite.js'

const root = fileURLToPath(new URL('../../', import.meta.url))
const out = join(root, 'out/fuzz')
const compiler = ['clang++-14', 'clang++'].find(
  (name) => spawnSync(name, ['--version']).status === 0,
)
const units = [
  'manifest/check',
  'manifest/checksum',
  'manifest/codec',
  'manifest/frame',
  'manifest/legacy',
  'manifest/manifest',
  'manifest/writer',
  'base/entry',
  'scan/glob',
  'scan/rules',
  'platform/posix',
  'platform/linux',
  'platform/linux_filesystems',
  'base/volumes',
]

interface Target {
  readonly name: string
  readonly corpus: 'manifest' | 'block' | 'patterns'
  readonly defines: readonly string[]
  /** Its planted bug, and how the run must end. */
  readonly control?: readonly [bug: string, end: RegExp]
}

const beyond = ['a read beyond the end', /heap-buffer-overflow/] as const
const slow = ['one that tries everything', /it takes too long|libFuzzer: timeout/] as const
const wrong = [
  'two that differ',
  /CURA does not hold: (it matches|it does not match|another line)/,
] as const

const targets: readonly Target[] = [
  {name: 'manifest', corpus: 'manifest', defines: []},
  {name: 'block', corpus: 'block', defines: ['FUZZ_BLOCK']},
  {name: 'patterns', corpus: 'patterns', defines: []},
  {name: 'manifest-planted', corpus: 'manifest', defines: ['FUZZ_PLANTED'], control: beyond},
  {
    name: 'block-planted',
    corpus: 'block',
    defines: ['FUZZ_BLOCK', 'FUZZ_PLANTED'],
    control: beyond,
  },
  {name: 'patterns-planted', corpus: 'patterns', defines: ['FUZZ_PLANTED'], control: beyond},
  {name: 'patterns-slow', corpus: 'patterns', defines: ['FUZZ_SLOW'], control: slow},
  {name: 'patterns-wrong', corpus: 'patterns', defines: ['FUZZ_WRONG'], control: wrong},
]

/** A byte of switches (1: a file, 2: both cases or a directory, 4: long), a pattern, and a path. */
const patternSamples: ReadonlyArray<readonly [number, string, string]> = [
  [0, 'a/**/b[a-c]*.[!o]', 'a/x/y/bcd.txt'],
  [0, '**/a*b?\\*/**', 'x/aab1*/c'],
  [2, '[[:upper:]]*[^a-f][[:digit:]]', 'Name9'],
  [2, '**/[]-a]x**/y', 'A/ax/y'],
  [4, 'a*', 'a'],
  [4, '**/a*', 'a/'],
  [4, '[!b]*?', 'ab/'],
  [1, '\xef\xbb\xbf# no\r\n*.o\n!keep.o\n/top/\n\n', 'sub/keep.o'],
  [3, 'build/\\ \na/**\n\\!x\n[a\n**/c/\n', 'a/b/c'],
  [1, 'name\0rest \n  \nx*y/z', 'name'],
]

function clang(...args: readonly string[]): void {
  const flags = ['-std=c++20', '-g', '-O1', '-fno-exceptions', '-fno-sanitize-recover=all']
  const system = ['-D_GNU_SOURCE', '-D_FILE_OFFSET_BITS=64', `-I${join(root, 'native')}`]
  const all = [...flags, ...system, ...args]
  const {status, stderr} = spawnSync(compiler ?? '', all, {encoding: 'utf8'})
  if (status !== 0) throw new Error(`clang ended with ${status}: ${stderr}`)
}

/** The units of the addon that every target links. */
function buildUnits(): string[] {
  return units.map((unit) => {
    const object = join(out, `${unit.replace('/', '-')}.o`)
    const source = join(root, 'native', `${unit}.cc`)
    clang('-fsanitize=fuzzer-no-link,address,undefined', '-c', source, '-o', object)
    return object
  })
}

function build({name, corpus, defines}: Target, objects: readonly string[]): string {
  const program = join(out, name)
  const file = corpus === 'patterns' ? 'fuzz-patterns.cc' : 'fuzz-manifest.cc'
  const source = join(root, 'test/reliability', file)
  const chosen = defines.map((define) => `-D${define}`)
  clang('-fsanitize=fuzzer,address,undefined', ...chosen, source, ...objects, '-o', program)
  return program
}

/** Manifests that the program has made: of nothing, of a few entries, of one of every kind. */
function makeCorpora(): void {
  const [store, source] = [join(out, 'store'), join(out, 'source')]
  for (const directory of [
    'corpus-manifest',
    'corpus-block',
    'corpus-patterns',
    'store',
    'source/few/sub',
    'source/none',
  ]) {
    mkdirSync(join(out, directory), {recursive: true, mode: 0o700})
  }
  mkdirSync(join(source, 'all'))
  makeTree(join(source, 'all'))
  writeFileSync(join(source, 'few/file'), 'text')
  for (const operands of [['none'], ['few'], ['all'], ['few', 'none'], ['all', 'few']]) {
    const paths = operands.map((name) => join(source, name))
    const {exit, err} = runProgram(['backup', '-b', store, '--no-prune', '--allow-empty', ...paths])
    if (exit !== 0) throw new Error(`no manifest for the corpus, exit ${exit}: ${err}`)
  }
  patternSamples.forEach(([switches, pattern, path], i) => {
    const sample = `${String.fromCharCode(switches)}${pattern}\xfe${path}`
    writeFileSync(join(out, 'corpus-patterns', String(i)), sample, 'latin1')
  })
  let blocks = 0
  for (const name of readdirSync(store).filter((entry) => !entry.startsWith('.'))) {
    const manifest = readFileSync(join(store, name, '.backup_manifest'))
    writeFileSync(join(out, 'corpus-manifest', name), manifest)
    for (const version of [1, 2, 3] as const) {
      const older = asOlder(manifest, version)
      writeFileSync(join(out, 'corpus-manifest', `${name}-${version}`), older)
    }
    for (const block of blocksOf(manifest, 3)) {
      writeFileSync(join(out, 'corpus-block', String((blocks += 1))), block)
    }
  }
}

/** The last number after a word of libFuzzer's output or ours. */
function figure(log: string, word: RegExp): number {
  const all = [...log.matchAll(word)]
  return Number(all.at(-1)?.[1] ?? 0)
}

/** Five times as long as it takes on a busy machine. */
const controlLimit_s = 100

function run(target: Target, program: string, seconds: number, figures: Figures): void {
  const {name, control} = target
  const work = join(out, `work-${name}`)
  // Each run starts with the real samples only.
  cpSync(join(out, `corpus-${target.corpus}`), work, {recursive: true})
  // A control runs until it finds its bug, even if the targets get less time.
  const limit = control !== undefined ? Math.max(seconds, controlLimit_s) : seconds
  const begun = performance.now()
  const {status, stderr} = spawnSync(
    program,
    [
      ...[`-max_total_time=${limit}`, '-seed=1', '-max_len=4096', '-timeout=5'],
      ...['-rss_limit_mb=1024', '-mutate_depth=2', '-print_final_stats=1'],
      ...[`-artifact_prefix=${join(out, `${name}-`)}`, work],
    ],
    {encoding: 'utf8', maxBuffer: 1 << 28},
  )
  writeFileSync(join(out, `${name}.log`), stderr)
  if (control !== undefined) {
    const [bug, end] = control
    figures.control(`${name}, ${bug}`, end.test(stderr) ? 1 : 0, 1)
    return
  }
  const took = (performance.now() - begun) / 1000
  const cases = figure(stderr, /CURA cases (\d+)/g)
  figures.count(`${name}: cases`, cases)
  figures.count(`${name}: cases per second`, Math.round(cases / took))
  figures.count(`${name}: accepted`, figure(stderr, /accepted (\d+)/g))
  figures.count(`${name}: accepted, of several parts`, figure(stderr, /deep (\d+)/g))
  figures.count(`${name}: coverage`, figure(stderr, /cov: (\d+)/g))
  figures.count(`${name}: features`, figure(stderr, /ft: (\d+)/g))
  figures.count(`${name}: seconds`, Math.round(took))
  figures.count(`${name}: crashes`, status === 0 ? 0 : 1)
  if (status !== 0) figures.problem(`${name} ended with ${status}: ${stderr.slice(-4000)}`)
}

/** Runs each target for the given seconds. The controls end when they have found their bug. */
export function fuzzNative(seconds: number, figures: Figures): void {
  if (compiler === undefined || process.platform !== 'linux') {
    console.log('The targets in C++ are left out: there is no clang with libFuzzer.')
    return
  }
  rmSync(out, {recursive: true, force: true})
  makeCorpora()
  const objects = buildUnits()
  for (const target of targets) run(target, build(target, objects), seconds, figures)
}
