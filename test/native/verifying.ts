// Verifies a store through the addon, and damages stores in ways that a disk or a person does.
import {spawnSync} from 'node:child_process'
import {follow} from '../../src/native/job.js'
import type {Checked, Damage, NativeVerification, VerifyOptions} from '../../src/native/native.js'
import {openStore, readInventory} from '../../src/store/store.js'
import {python as interpreter} from './inventory.js'
import {python} from './workshop.js'

const noLimits = {
  mostBytes: null,
  mostShare: null,
  most_ms: null,
  before_s: null,
  bytesPerSecond: null,
  excused: [],
}

export interface Verified {
  readonly checked: Checked
  readonly damages: readonly Damage[]
}

/** Calls `use` with a verification that has done its check. */
export async function verifying<T>(
  storeDir: string,
  options: Partial<VerifyOptions>,
  use: (verification: NativeVerification, verified: Verified) => Promise<T> | T,
): Promise<T> {
  const store = openStore(storeDir)
  const {snapshots} = readInventory(store, new Date('2030-01-01'))
  const names = snapshots.map(({name}) => name)
  const verification = store.verify({
    ...noLimits,
    snapshots: snapshots.map(({name, form, marker}) => {
      const previous = marker?.previous ?? null
      const isWhole = snapshots
        .find((one) => one.name === previous)
        ?.marker?.sources.map((source) => source.name)
      const has = marker?.sources.every((source) => isWhole?.includes(source.name)) === true
      return {name, hasNoRecord: form === 'old', base: has ? previous : null}
    }),
    all: names,
    reading: 'all',
    now_s: 1_800_000_000,
    ...options,
  })
  const {signal} = new AbortController()
  try {
    const checked = await follow(verification.check(), signal, () => undefined)
    const damages: Damage[] = []
    for (let page; (page = verification.damages(100)).length > 0;) damages.push(...page)
    return await use(verification, {checked, damages})
  } finally {
    verification.close()
    store.close()
  }
}

export const verified = (
  storeDir: string,
  options: Partial<VerifyOptions> = {},
): Promise<Verified> => verifying(storeDir, options, (_, found) => found)

/** Changes one bit of a file, but not its date. */
export const flip = (file: string): void => {
  python(
    '/',
    `p = ${JSON.stringify(file)}; s = os.stat(p); f = open(p, 'r+b'); b = f.read(1); f.seek(0); f.write(bytes([b[0] ^ 1])); f.close(); os.utime(p, ns=(s.st_atime_ns, s.st_mtime_ns))`,
  )
}

/** A damage that was done, and the names that show it. */
export interface Done {
  readonly kind: string
  /** 'SNAPSHOT/PATH' in Latin 1. */
  readonly names: readonly string[]
}

/**
 * Damages the store `many` times, each time another inode. Names that share the damaged inode are
 * all expected.
 */
export function damageStore(storeDir: string, seed: number, many: number): Done[] {
  const code = `
import json, os, random, stat, sys
r = random.Random(${seed})
top = os.fsencode(sys.argv[1])
def walk():
    names = {}
    for snapshot in sorted(os.listdir(top)):
        if not snapshot[:1].isdigit(): continue
        for above, dirs, files in os.walk(os.path.join(top, snapshot)):
            for name in files + [d for d in dirs if os.path.islink(os.path.join(above, d))]:
                path = os.path.join(above, name)
                inside = os.path.relpath(path, os.path.join(top, snapshot))
                if inside.startswith(b'.backup_') and not inside.startswith(b'.backup_delta/'): continue
                names.setdefault(os.lstat(path).st_ino, []).append(path)
    return names
names = walk()
recorded = {s for s in os.listdir(top) if os.path.exists(os.path.join(top, s, b'.backup_manifest'))}
def is_recorded(path): return os.path.relpath(path, top).split(b'/')[0] in recorded
def times(path): s = os.lstat(path); return (s.st_atime_ns, s.st_mtime_ns)
def fix_above(path, t): os.utime(os.path.dirname(path), ns=t)
used = set()
done = []
for number in range(${many}):
    files = [i for i, p in sorted(names.items()) if i not in used and all(map(is_recorded, p)) and stat.S_ISREG(os.lstat(p[0]).st_mode)]
    if not files: break
    ino = r.choice(files)
    used.add(ino)
    paths = names[ino]
    path = r.choice(paths)
    s = os.lstat(path)
    above = times(os.path.dirname(path))
    kinds = ['mode', 'owner', 'mtime', 'xattr', 'extra', 'missing', 'other']
    if s.st_size > 0: kinds += ['flip', 'flip', 'truncate']
    kind = r.choice(kinds)
    if kind == 'flip':
        with open(path, 'r+b') as f:
            at = r.randrange(s.st_size); f.seek(at); byte = f.read(1)[0]; f.seek(at); f.write(bytes([byte ^ (1 << r.randrange(8))]))
        os.utime(path, ns=(s.st_atime_ns, s.st_mtime_ns))
    if kind == 'truncate': os.truncate(path, r.randrange(s.st_size)); os.utime(path, ns=(s.st_atime_ns, s.st_mtime_ns))
    if kind == 'mode': os.chmod(path, stat.S_IMODE(s.st_mode) ^ 0o020)
    if kind == 'owner': os.chown(path, s.st_uid + 1, -1); os.chmod(path, stat.S_IMODE(s.st_mode))
    if kind == 'mtime': os.utime(path, ns=(s.st_atime_ns, s.st_mtime_ns + 1000))
    if kind == 'xattr': os.setxattr(path, 'user.rot', b'x')
    if kind == 'missing' and b'.backup_delta' in path: continue
    if kind == 'missing': os.unlink(path); fix_above(path, above); paths = [path]
    if kind == 'extra':
        path = path + b'~extra'
        if len(os.path.basename(path)) > 255 or b'.backup_delta' in path: continue
        open(path, 'wb').write(b'mine'); fix_above(path, above); paths = [path]
    if kind == 'other':
        data = bytearray(open(path, 'rb').read())
        data = bytes([b ^ 1 for b in data]) or b'x'
        os.unlink(path); open(path, 'wb').write(data); os.chown(path, s.st_uid, s.st_gid); os.chmod(path, stat.S_IMODE(s.st_mode))
        os.utime(path, ns=(s.st_atime_ns, s.st_mtime_ns)); fix_above(path, above); paths = [path]
    done.append({'kind': kind, 'names': [os.path.relpath(p, top).decode('latin1') for p in paths]})
print(json.dumps(done))
`
  const {status, stdout, stderr} = spawnSync(interpreter, ['-I', '-S', '-c', code, storeDir], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  })
  if (status !== 0) throw new Error(`python3 ended with ${status}: ${stderr}`)
  return JSON.parse(stdout) as Done[]
}
