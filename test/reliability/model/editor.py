"""Makes the model's edits on disk: one JSON message per line. Names and contents are Latin-1."""

import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile

os.umask(0o077)
IS_ROOT = os.geteuid() == 0


def raw(text):
    return text.encode("latin-1")


def make(edit, path):
    if edit.get("instead") and os.path.lexists(path):
        remove(path)
    kind = edit["kind"]
    if kind == "file":
        put(path, os.O_CREAT | os.O_EXCL, edit)
    elif kind == "directory":
        os.mkdir(path)
    elif kind == "symlink":
        os.symlink(raw(edit["target"]), path)
    elif kind == "fifo":
        os.mkfifo(path)
    else:
        os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 3))
    if IS_ROOT:  # it may have inherited the group of its directory
        os.lchown(path, edit["uid"], edit["gid"])
    if kind != "symlink":
        os.chmod(path, edit["mode"])


def put(path, flags, edit):
    fd = os.open(path, os.O_WRONLY | flags, 0o600)
    for offset, piece in edit.get("pieces", []):
        os.pwrite(fd, raw(piece), offset)
    if "size" in edit:
        os.ftruncate(fd, edit["size"])
    os.close(fd)


def remove(path):
    if not os.path.lexists(path):  # it was removed before
        return
    if stat.S_ISDIR(os.lstat(path).st_mode):
        shutil.rmtree(path)
    else:
        os.unlink(path)


def chown(edit, path):
    os.lchown(path, edit["uid"], edit["gid"])
    if "mode" in edit:  # chown clears the suid bit
        os.chmod(path, edit["mode"])


def copy(edit, path):
    if not os.path.lexists(path):
        shutil.copytree(raw(edit["to"]), path, True, copy_function=os.link)


def flip(edit, path):
    if not os.path.lexists(path) or os.path.getsize(path) == 0:
        return
    with open(path, "r+b") as file:
        content = bytearray(file.read())
        content[edit["at"] % len(content)] ^= 1
        file.seek(0)
        file.write(content)


def run(*command):
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode != 0:
        raise OSError(f"{command} ended with {done.returncode}: {done.stderr}")


def recopy(edit, path):
    """Replaces a tree by a copy with new inodes; with `links` it keeps the link groups."""
    preserve = "all" if edit["links"] else "mode,ownership,timestamps,xattr"
    run(b"cp", b"-dR", b"--preserve=" + preserve.encode(), path, path + b".copy")
    shutil.rmtree(path)
    os.rename(path + b".copy", path)


def lie(edit):
    """Writes to a file and perhaps renames it. Keeps its times and returns the old ctime."""
    path = raw(edit["path"])
    before = os.lstat(path)
    fd = os.open(path, os.O_WRONLY)
    for offset, piece in edit["pieces"]:
        os.pwrite(fd, raw(piece), offset)
    os.close(fd)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    if "rename" in edit:
        perform(edit["rename"])
    return before.st_ino, before.st_ctime_ns


def remount(edit, path):
    """Unmounts the filesystem and mounts it again; if `fresh`, as another filesystem.

    Some files have changed meanwhile, without a change of their ctime.
    """
    ctimes = {}
    for one in edit["lies"]:
        ino, ctime_ns = lie(one)
        ctimes.setdefault(ino, ctime_ns)
    mounts = edit["mounts"]
    os.chdir("/")
    if mounts["overlay"]:
        run("umount", mounts["overlay"][1])
    run("umount", mounts["disk"])
    if edit["fresh"]:
        run("tune2fs", "-U", "random", mounts["image"])
    with tempfile.NamedTemporaryFile("w") as script:
        for ino, ctime_ns in ctimes.items():
            seconds, rest = divmod(ctime_ns, 10**9)
            script.write(f"sif <{ino}> ctime @{seconds}\n")
            if rest:
                script.write(f"sif <{ino}> ctime_extra {rest << 2}\n")
        script.flush()
        if ctimes:
            run("debugfs", "-w", "-f", script.name, mounts["image"])
    run("mount", "-o", "loop", mounts["image"], mounts["disk"])
    if mounts["overlay"]:
        options, directory = mounts["overlay"]
        run("mount", "-t", "overlay", "-o", options, "none", directory)


STEPS = {
    "make": make,
    "write": lambda edit, path: put(path, 0, edit),
    "truncate": lambda edit, path: os.truncate(path, edit["size"]),
    "link": lambda edit, path: os.link(raw(edit["to"]), path, follow_symlinks=False),
    "remove": lambda edit, path: remove(path),
    "rename": lambda edit, path: os.rename(path, raw(edit["to"])),
    "chmod": lambda edit, path: os.chmod(path, edit["mode"]),
    "chown": chown,
    "stamp": lambda edit, path: None,
    "setxattr": lambda edit, path: os.setxattr(
        path, edit["key"], raw(edit["value"]), follow_symlinks=False
    ),
    "removexattr": lambda edit, path: os.removexattr(path, edit["key"], follow_symlinks=False),
    "copy": copy,
    "flip": flip,
    "recopy": recopy,
    "remount": remount,
}


def perform(edit):
    STEPS[edit["do"]](edit, raw(edit["path"]))
    for path, mtime_ns in edit.get("stamps", []):
        os.utime(raw(path), ns=(int(mtime_ns), int(mtime_ns)), follow_symlinks=False)


for line in sys.stdin:
    try:
        message = json.loads(line)
        os.chdir(raw(message["at"]))
        for edit in message["edits"]:
            perform(edit)
        answer = None
    except OSError as error:
        answer = str(error)
    print(json.dumps(answer), flush=True)
