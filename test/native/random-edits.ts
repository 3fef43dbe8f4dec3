// Makes random trees and edits of every kind, the same for the same seed.
import {python} from './workshop.js'

/**
 * Edits `directory`, at first empty. Directories are moved, also out of deleted ones and into each
 * other; files are rewritten with their old size and time; names are any bytes.
 */
export function editRandomly(directory: string, seed: number, edits: number): void {
  python(
    directory,
    `
import random, shutil, itertools
random.seed(${seed})
count = itertools.count()
def everything():
    files, dirs = [], [b'.']
    for d, s, f in os.walk(b'.'):
        s.sort(); f.sort()
        dirs += [os.path.join(d, n) for n in s if not os.path.islink(os.path.join(d, n))]
        files += [os.path.join(d, n) for n in f]
    return files, dirs
def name():
    return random.choice([b'a', b'b', b'c', b'd', b'e', b'n\\xff', b'x y', b'-', b'nl\\n', '\\xe9'.encode(), b'a.b', b'a-'])
def free(dirs):
    for _ in range(9):
        path = os.path.join(random.choice(dirs), name())
        if not os.path.lexists(path): return path
    return os.path.join(random.choice(dirs), b'%d-%d' % (${seed}, next(count)))
def write(path):
    with open(path, 'wb') as file: file.write(random.choice([b'', b'one', b'two', b'%d' % random.random().__hash__()]) )
def clear(path):
    if os.path.isdir(path) and not os.path.islink(path): shutil.rmtree(path)
    else: os.unlink(path)
def same_size(path):
    if not os.path.isfile(path) or os.path.islink(path): return
    info = os.stat(path)
    with open(path, 'wb') as file: file.write(os.urandom(info.st_size))
    os.utime(path, ns=(info.st_mtime_ns, info.st_mtime_ns))
def copied(old, new):
    shutil.copy2(old, new, follow_symlinks=False); os.unlink(old)
def move_dir(dirs):
    old, new = random.choice(dirs[1:]), free(dirs)
    if not (new + b'/').startswith(old + b'/'): os.rename(old, new)
    return old
def swap(a, b):
    if a == b: return
    os.rename(a, a + b'~'); os.rename(b, a); os.rename(a + b'~', b)
for _ in range(${edits}):
    files, dirs = everything()
    kind = random.randrange(24)
    file = random.choice(files) if files else None
    if file is None or kind < 5: write(free(dirs))
    elif kind < 7: os.mkdir(free(dirs))
    elif kind == 7: write(file) if not os.path.islink(file) and os.path.isfile(file) else None
    elif kind == 8: same_size(file)
    elif kind == 9: os.utime(file, ns=(5, random.randrange(9)), follow_symlinks=False)
    elif kind == 10: os.chmod(random.choice(dirs), random.choice([0o700, 0o755]))
    elif kind == 11 and not os.path.islink(file): os.chmod(file, random.choice([0o600, 0o644, 0o4755]))
    elif kind == 12: os.rename(file, free(dirs))
    elif kind == 13: os.link(file, free(dirs), follow_symlinks=False)
    elif kind == 14: os.unlink(file)
    elif kind == 15 and len(dirs) > 9: shutil.rmtree(random.choice(dirs[1:]))
    elif kind in (16, 17, 18) and len(dirs) > 1: move_dir(dirs)
    elif kind == 19 and len(dirs) > 2:
        above = os.path.dirname(move_dir(dirs))
        if above != b'.' and os.path.exists(above): shutil.rmtree(above)
    elif kind == 20:
        clear(file); os.mkdir(file); write(os.path.join(file, name()))
    elif kind == 21: os.symlink(random.choice([b'here', b'there']), free(dirs))
    elif kind == 22:
        if os.path.isfile(file) and not os.path.islink(file): copied(file, free(dirs))
    elif kind == 23: swap(file, random.choice(files))
    if random.randrange(30) == 0 and len(dirs) > 1:
        old = random.choice(dirs[1:])
        if os.path.isdir(old): clear(old); write(old)
    if random.randrange(20) == 0: os.mkfifo(free(everything()[1]))
with open('unique ${seed}', 'w') as file: file.write('${seed}')
`,
  )
}
