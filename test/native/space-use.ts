// What removing snapshots would free: as the addon says, and as an independent count of the trees says.
import {spawnSync} from 'node:child_process'
import {follow} from '../../src/native/job.js'
import {native, type Freed, type SpaceUse} from '../../src/native/native.js'
import {python as interpreter} from './inventory.js'

const never = new AbortController().signal

/** Asks the addon. */
export async function measure(
  storeDir: string,
  names: readonly string[],
  {
    set = [],
    top = 0,
    signal = never,
  }: {set?: readonly string[]; top?: number; signal?: AbortSignal},
): Promise<SpaceUse> {
  const store = native().openStore(storeDir)
  try {
    const options = {set, top, topOfSet: set.length > 0}
    return await follow(store.measure(names, options), signal, () => undefined)
  } finally {
    store.close()
  }
}

// Looks at every name in the trees. An inode is freed if all its links are in the removed snapshots.
const count = `
import json, os, stat, sys
store, names, sets = json.loads(sys.stdin.read())
def walk(top):
    yield os.lstat(top), True
    for parent, dirs, files in os.walk(os.fsencode(top)):
        for name in dirs + files: yield os.lstat(os.path.join(parent, name)), False
seen = {name: list(walk(os.path.join(store, name))) for name in names}
def names_in(some):
    found = {}
    for name in some:
        for st, top in seen[name]:
            if not stat.S_ISDIR(st.st_mode): found[st.st_ino] = found.get(st.st_ino, 0) + 1
    return found
everywhere = names_in(names)
def freed(some):
    inside = names_in(some)
    out = dict(entries=0, bytes=0, inodes=0, foreignBytes=0, foreignInodes=0)
    met = set()
    for name in some:
        for st, top in seen[name]:
            if not top: out['entries'] += 1
            if stat.S_ISDIR(st.st_mode):
                out['inodes'] += 1; out['bytes'] += st.st_blocks * 512
                continue
            if st.st_ino in met: continue
            met.add(st.st_ino)
            if inside[st.st_ino] == st.st_nlink:
                out['inodes'] += 1; out['bytes'] += st.st_blocks * 512
            elif inside[st.st_ino] == everywhere[st.st_ino]:
                out['foreignInodes'] += 1; out['foreignBytes'] += st.st_blocks * 512
    return out
print(json.dumps([freed(some) for some in sets]))
`

/** Counts for each set of snapshots what removing it would free; `names` are all measured ones. */
export function countFreed(
  storeDir: string,
  names: readonly string[],
  sets: ReadonlyArray<readonly string[]>,
): Freed[] {
  const {status, stdout, stderr} = spawnSync(interpreter, ['-I', '-S', '-c', count], {
    input: JSON.stringify([storeDir, names, sets]),
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as Freed[]
}

/** Python lines that make a tree with names of any bytes, hardlinks, links and special files. */
export const randomTree = (seed: number): string => `
import random
random.seed(${seed})
def put(name, size):
    with open(name, 'wb') as file: file.write(os.urandom(size))
for d in range(12):
    above = b'd%d' % random.randrange(12) if d % 3 == 0 and os.path.isdir(b'd%d' % (d - 1)) else b'.'
    os.makedirs(os.path.join(above, b'd%d' % d), exist_ok=True)
places = [os.fsencode(p) for p, _, _ in os.walk('.')]
for n in range(60):
    name = os.path.join(random.choice(places), b'f%d\\xff\\n' % n if n % 7 == 0 else b'f%d' % n)
    put(name, random.choice([0, 1, 100, 5000, 70000]))
    if n % 5 == 0: os.link(name, os.path.join(random.choice(places), b'l%d' % n))
    if n % 9 == 0: os.symlink(b'x' * random.choice([3, 59, 60, 200]), os.path.join(random.choice(places), b's%d' % n))
os.mkfifo('fifo')
os.mkdir('many')
for n in range(300): put('many/a rather long name, so that the directory grows %d' % n, 0)
`

/** Python lines that change such a tree at random. */
export const randomEdits = (seed: number): string => `
import random
random.seed(${seed})
files = [os.path.join(p, f) for p, _, fs in os.walk(b'.') for f in fs if b'many' not in p]
files.sort()
places = sorted(p for p, _, _ in os.walk(b'.'))
for n in range(12):
    name = random.choice(files)
    if not os.path.lexists(name) or os.path.islink(name): continue
    kind = random.randrange(6)
    other = os.path.join(random.choice(places), b'e%d-%d' % (${seed}, n))
    if kind == 0: os.unlink(name)
    elif kind == 1: os.rename(name, other)
    elif kind == 2: os.link(name, other)
    elif kind == 3: os.chmod(name, 0o600 + random.randrange(64))
    elif stat.S_ISREG(os.lstat(name).st_mode): open(name, 'ab').write(os.urandom(random.choice([1, 9000])))
if ${seed} % 4 == 0:
    place = random.choice(places[1:])
    if os.path.isdir(place): os.rename(place, b'moved%d' % ${seed})
`
