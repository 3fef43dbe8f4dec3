// npm run test:peers: kills other programs that make hardlink snapshots, and checks what that does
// to their older snapshots. Their figures are in docs/reliability.md beside ours, and are the
// control for ours: the same checks find problems there. --every N takes one kill in N.
import {spawnSync} from 'node:child_process'
import {existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {findProgram} from '../../src/engine/external/programs.js'
import type {Item} from '../native/inventory.js'
import {sh} from '../native/workshop.js'
import {differences, Oracle} from './oracle.js'
import {withDisk} from './place.js'
import {Figures, readOptions} from './suite.js'
import {editTree, makeTree} from './tree.js'

/** The workplace of a program: sources, and a directory that holds only snapshots. */
interface Bench {
  readonly docs: string
  readonly store: string
}

interface Peer {
  readonly name: string
  /** The program that must be installed. */
  readonly needs: string
  /** One shell command that makes the next snapshot; `number` exist already. */
  command(bench: Bench, number: number): string
}

const rsync = 'rsync -aHAX --numeric-ids'

const peers: readonly Peer[] = [
  {
    name: 'rsync --link-dest',
    needs: 'rsync',
    command: ({docs, store}, number) =>
      `${rsync} --link-dest=${store}/${number - 1} ${docs} ${store}/${number}/`,
  },
  {
    name: 'cp -al, rsync --delete',
    needs: 'rsync',
    command: ({docs, store}, number) =>
      `${number === 0 ? 'true' : `cp -al ${store}/${number - 1} ${store}/${number}`} && ` +
      `${rsync} --delete ${docs} ${store}/${number}/`,
  },
  {
    name: 'rsnapshot',
    needs: 'rsnapshot',
    command: ({store}) => `rsnapshot -c ${store}.conf alpha`,
  },
]

/** rsnapshot's settings, which must be separated by tabs. */
function writeSettings({docs, store}: Bench): void {
  const settings = [
    ['config_version', '1.2'],
    ['snapshot_root', `${store}/`],
    ['cmd_cp', '/bin/cp'],
    ['cmd_rsync', '/usr/bin/rsync'],
    ['rsync_short_args', '-aHAX'],
    ['retain', 'alpha', '9'],
    ['lockfile', `${store}.pid`],
    ['backup', `${docs}/`, 'docs/', 'rsync_long_args=--delete --numeric-ids'],
  ]
  writeFileSync(`${store}.conf`, settings.map((line) => `${line.join('\t')}\n`).join(''))
}

const mutating = (
  'mkdir,mkdirat,mknod,mknodat,symlink,symlinkat,link,linkat,unlink,unlinkat,rmdir,rename,renameat,' +
  'renameat2,chmod,fchmod,fchmodat,chown,lchown,fchown,fchownat,utimensat,setxattr,lsetxattr,' +
  'fsetxattr,write,ftruncate'
).split(',')

/** A call by its name and number within a process. Every process that reaches it is killed. */
type Moment = readonly [call: string, when: number]

/** Runs the command under strace, and kills it at `moment` unless that is null. */
function run(command: string, log: string, moment: Moment | null): number | null {
  const inject =
    moment === null ? [] : ['-e', `inject=${moment[0]}:signal=SIGKILL:when=${moment[1]}`]
  const trace = ['-f', '-qq', '-o', log, '-e', `trace=${mutating.join(',')}`, ...inject]
  const {status} = spawnSync('strace', [...trace, 'sh', '-c', command], {stdio: 'ignore'})
  return status
}

/** Each call of each process of a run that was not killed. */
function momentsIn(log: string): Moment[] {
  const most = new Map<string, number>()
  const counts = new Map<string, number>()
  for (const line of readFileSync(log, 'latin1').split('\n')) {
    const [, pid, call] = /^(\d+) +(\w+)\(/.exec(line) ?? []
    if (pid === undefined || call === undefined) continue
    const count = (counts.get(pid + call) ?? 0) + 1
    counts.set(pid + call, count)
    most.set(call, Math.max(count, most.get(call) ?? 0))
  }
  return [...most].flatMap(([call, count]) =>
    Array.from({length: count}, (_, i): Moment => [call, i + 1]),
  )
}

/** The trees of all snapshots in a store; an empty tree if the directory is missing. */
async function treesIn(oracle: Oracle, store: string): Promise<Item[][]> {
  const trees: Item[][] = []
  for (const name of readdirSync(store)) {
    const tree = join(store, name, 'docs')
    trees.push(existsSync(tree) ? await oracle.inventory(tree) : [])
  }
  return trees
}

class Trial {
  #before: Item[] = []
  #source: Item[] = []

  constructor(
    readonly peer: Peer,
    readonly directory: string,
    readonly oracle: Oracle,
    readonly figures: Figures,
  ) {}

  readonly bench = (): Bench => ({
    docs: join(this.directory, 'docs'),
    store: join(this.directory, 'store'),
  })

  async prepare(): Promise<void> {
    const bench = this.bench()
    mkdirSync(bench.docs)
    mkdirSync(bench.store)
    writeSettings(bench)
    makeTree(bench.docs)
    sh('sh', '-c', this.peer.command(bench, 0))
    this.#before = (await treesIn(this.oracle, bench.store))[0] ?? []
    sh('cp', '-a', bench.store, join(this.directory, 'base'))
    editTree(bench.docs)
    this.#source = await this.oracle.inventory(bench.docs)
  }

  #reset(): void {
    const {store} = this.bench()
    sh('sh', '-c', `rm -rf ${store} && cp -a ${this.directory}/base ${store}`)
  }

  /** Kills the run at one moment, or lets it finish, and counts the results. */
  async strike(moment: Moment | null): Promise<Moment[]> {
    this.#reset()
    const {name} = this.peer
    const log = join(this.directory, 'log')
    run(this.peer.command(this.bench(), 1), log, moment)
    const trees = await treesIn(this.oracle, this.bench().store)
    const is = (tree: Item[], wanted: Item[]): boolean => differences(wanted, tree).length === 0
    const hasOld = trees.some((tree) => is(tree, this.#before))
    const others = trees.filter((tree) => !is(tree, this.#before))
    const when = moment === null ? 'when all goes well' : 'killed'
    this.figures.count(`${name}, ${when}`)
    this.figures.count(`${name}, ${when}: older snapshot altered`, hasOld ? 0 : 1)
    const partial = others.filter((tree) => !is(tree, this.#source))
    const shown = partial.length > (hasOld ? 0 : 1) ? 1 : 0
    if (moment !== null) this.figures.count(`${name}, ${when}: half a snapshot shown`, shown)
    return moment === null ? momentsIn(log) : []
  }
}

async function main(): Promise<void> {
  const {every} = readOptions('test:peers', {every: 1})
  const figures = new Figures('test:peers')
  const oracle = new Oracle()
  await withDisk('ext4', async (disk) => {
    for (const [i, peer] of peers.entries()) {
      if (findProgram(peer.needs, process.env.PATH ?? '') === null) {
        figures.count(`${peer.name}: not installed`)
        continue
      }
      const directory = join(disk, String(i))
      mkdirSync(directory)
      const trial = new Trial(peer, directory, oracle, figures)
      await trial.prepare()
      const moments = await trial.strike(null)
      for (let n = every - 1; n < moments.length; n += every) await trial.strike(moments[n] ?? null)
    }
  })
  await oracle.close()
  figures.end()
}

await main()
