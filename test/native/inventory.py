"""Lists everything below each directory, one JSON list per line: the oracle of the native tests.

With --whole first, adds what a copy need not share: times, names, blocks and extents.

It shares no code with the product, walks by descriptor so that no path is too long, and does not
change access times. Names, link targets and values are bytes as Latin-1.
"""

import hashlib
import json
import os
import stat
import sys

TYPES = {
    stat.S_IFREG: "file", stat.S_IFDIR: "directory", stat.S_IFLNK: "symlink", stat.S_IFIFO: "fifo",
    stat.S_IFCHR: "char", stat.S_IFBLK: "block", stat.S_IFSOCK: "socket",
}


def text(raw):
    return raw.decode("latin-1")


def xattrs_of(directory, name):
    path = b"/proc/self/fd/%d/%s" % (directory, name)
    try:
        keys = sorted(os.listxattr(path, follow_symlinks=False))
        return {key: text(os.getxattr(path, key, follow_symlinks=False)) for key in keys}
    except OSError:
        return {}


def digest_of(directory, name, info):
    if info.st_size > 1 << 28:
        return "not read"
    try:
        fd = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NOATIME, dir_fd=directory)
    except OSError as error:
        return f"errno {error.errno}"
    with open(fd, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def extents_of(directory, name):
    """The data of a file as [start, end]; the last extent ends at the file's size."""
    try:
        fd = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NOATIME, dir_fd=directory)
    except OSError:
        return []
    extents = []
    size = os.fstat(fd).st_size
    at = 0
    while at < size:
        try:
            start = os.lseek(fd, at, os.SEEK_DATA)
        except OSError:  # only a hole is left
            break
        at = os.lseek(fd, start, os.SEEK_HOLE)
        extents.append([start, min(at, size)])
    os.close(fd)
    return extents


def own_of(directory, name, info):
    return {
        "ctime_ns": str(info.st_ctime_ns),
        "names": info.st_nlink,
        "blocks": info.st_blocks,
        "extents": extents_of(directory, name) if stat.S_ISREG(info.st_mode) else [],
    }


def item_of(directory, name, path, firsts):
    info = os.lstat(name, dir_fd=directory)
    kind = stat.S_IFMT(info.st_mode)
    is_directory = kind == stat.S_IFDIR
    first = firsts.setdefault((info.st_dev, info.st_ino), path)
    return {
        "path": text(path),
        "type": TYPES[kind],
        "mode": stat.S_IMODE(info.st_mode),
        "uid": info.st_uid,
        "gid": info.st_gid,
        "size": 0 if is_directory else info.st_size,
        "mtime_ns": str(info.st_mtime_ns),
        "rdev": info.st_rdev,
        "target": text(os.readlink(name, dir_fd=directory)) if kind == stat.S_IFLNK else "",
        "xattrs": xattrs_of(directory, name),
        "sha256": digest_of(directory, name, info) if kind == stat.S_IFREG else "",
        "ino": str(info.st_ino),
        "first": text(first),  # the first path of this inode: shows which names share it
        **(own_of(directory, name, info) if WHOLE else {}),
    }


def open_directory(name, above=None):
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
    try:
        return os.open(name, flags | os.O_NOATIME, dir_fd=above)
    except PermissionError:
        return os.open(name, flags, dir_fd=above)


def walk(top):
    """Yields items depth first; at most one descriptor is open, '..' leads back up."""
    firsts = {}
    at = open_directory(top)
    levels = [(b"", sorted(map(os.fsencode, os.listdir(at)), reverse=True))]
    while levels:
        prefix, names = levels[-1]
        if not names:
            levels.pop()
            if levels:
                at = descend(at, b"..")
            continue
        name = names.pop()
        path = prefix + name
        item = item_of(at, name, path, firsts)
        yield item
        if item["type"] == "directory":
            at = descend(at, name)
            levels.append((path + b"/", sorted(map(os.fsencode, os.listdir(at)), reverse=True)))
    os.close(at)


def descend(at, name):
    below = open_directory(name, at)
    os.close(at)
    return below


WHOLE = sys.argv[1:2] == ["--whole"]

if __name__ == "__main__":
    for argument in sys.argv[2 if WHOLE else 1:]:
        print(json.dumps(list(walk(os.fsencode(argument)))))
