// Makes small stores of random edits, for comparison with brute force over their trees.
import {mkdirSync, readdirSync, renameSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {backup} from '../../src/operations/backup.js'
import {python} from '../native/workshop.js'
import {backupOptions} from './backup-options.js'

/** Numbers from 0 to 1, the same for the same seed. */
export function randomFrom(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export interface RandomStore {
  readonly storeDir: string
  /** The source directories. */
  readonly sources: readonly string[]
  readonly random: () => number
}

/** Edits in Python, because names are bytes. The generator is seeded, so that a seed can be replayed. */
const editor = (seed: number, edits: number): string => `
import random, shutil
r = random.Random(${seed})
names = [b'a', b'b', b'c.txt', b'd e.txt', b'.hidden', b'\\xff\\xfe', b'new\\nline', 'é'.encode(), b'a-', b'A', b'-x', b'*']
def all_of(kinds):
    found = []
    for top, dirs, files in os.walk(b'.'):
        if 'd' in kinds: found += [os.path.join(top, d) for d in dirs]
        if 'f' in kinds: found += [os.path.join(top, f) for f in files]
    return sorted(found)
def place():
    return os.path.join(r.choice([b'.'] + [d for d in all_of('d') if not os.path.islink(d)]), r.choice(names))
def stamp(path):
    t = r.choice([1000000000, 1700000000, 1736900000]) * 10**9 + r.randrange(3) * 1000 + 5
    os.utime(path, ns=(t, t), follow_symlinks=False)
for edit in range(${edits}):
    kind = r.choice('ffffdlkrrxxmtcsq')
    to = place()
    some = [p for p in all_of('f') if not os.path.islink(p) and stat.S_ISREG(os.lstat(p).st_mode)]
    try:
        if kind == 'f' and (not os.path.lexists(to) or stat.S_ISREG(os.lstat(to).st_mode)): open(to, 'wb').write(bytes([r.randrange(97, 100)]) * r.choice([0, 1, 10, 5000])); stamp(to)
        if kind == 'd': os.mkdir(to); stamp(to)
        if kind == 'l': os.symlink(r.choice(names), to)
        if kind == 'k' and some: os.link(r.choice(some), to)
        if kind == 'r': os.rename(r.choice(all_of('df')), to)
        if kind == 'x':
            gone = r.choice(all_of('df'))
            shutil.rmtree(gone) if os.path.isdir(gone) and not os.path.islink(gone) else os.unlink(gone)
        if kind == 'm': os.chmod(r.choice(some), r.choice([0o600, 0o644, 0o755]))
        if kind == 't': stamp(r.choice(all_of('df')))
        if kind == 'c':
            file = r.choice(some); before = os.stat(file)
            data = open(file, 'rb').read(); open(file, 'r+b').write(bytes([r.randrange(97, 100)]) * len(data))
            os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
        if kind == 's': open(r.choice(some), 'ab').write(b'more')
        if kind == 'q': os.mkfifo(to)
    except (OSError, IndexError, shutil.Error): pass
if not os.listdir(b'.'): open(b'kept', 'w').close()
`

const snapshotsOf = (storeDir: string): string[] =>
  readdirSync(storeDir)
    .filter((name) => /^\d/.test(name))
    .sort()

/** Gives the oldest snapshot the form of the Python tool's. */
function makeOld(storeDir: string): void {
  const [name = ''] = snapshotsOf(storeDir)
  const old = name.replaceAll('-', '').replace('_', '_')
  renameSync(join(storeDir, name), join(storeDir, old))
  for (const file of ['.backup_finished', '.backup_manifest', '.backup_delta']) {
    rmSync(join(storeDir, old, file), {recursive: true, force: true})
  }
  writeFileSync(join(storeDir, old, `.backup_finished_${old}`), '')
}

/**
 * Makes a store of up to seven snapshots in `directory`, which must be empty. Some lack a source, a
 * manifest or digests; some were removed from the middle; one may have the form of the Python tool's.
 */
export async function makeRandomStore(directory: string, seed: number): Promise<RandomStore> {
  const random = randomFrom(seed)
  const storeDir = join(directory, 'store')
  const sources = ['docs', 'other'].map((name) => join(directory, name))
  for (const made of [storeDir, ...sources]) mkdirSync(made, {mode: 0o700})
  const runs = 4 + Math.floor(random() * 4)
  for (let run = 0; run < runs; run += 1) {
    for (const [at, source] of sources.entries()) {
      python(source, editor(seed * 100 + run * 2 + at, run === 0 ? 40 : 8))
    }
    const operands = random() < 0.8 ? sources : [sources[Math.floor(random() * 2)] ?? '']
    const clock = () => new Date(2025, 0, 15, 10, run, 0)
    const options = {storeDir, operands, clock, digests: random() < 0.85}
    await backup(backupOptions(options))
  }
  for (const name of snapshotsOf(storeDir).slice(1, -1)) {
    const fate = random()
    if (fate < 0.15) rmSync(join(storeDir, name), {recursive: true})
    else if (fate < 0.3) rmSync(join(storeDir, name, '.backup_manifest'))
  }
  if (random() < 0.2) makeOld(storeDir)
  return {storeDir, sources, random}
}

/** The snapshots of a store, the newest first. */
export const newestFirst = (storeDir: string): string[] =>
  snapshotsOf(storeDir).sort((a, b) => (digits(a) < digits(b) ? 1 : -1))

const digits = (name: string): string => name.replaceAll(/\D/g, '')
