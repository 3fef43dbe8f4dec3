// The systems that the package ships a binary for, and the names of the binaries, which
// src/native/addon.ts knows.

/**
 * `zig`: the compiler's name of the target, for those built on Linux; node-gyp builds the others on
 * their own system. `machine`: the machine number in the header of the binary.
 */
export const targets = [
  {name: 'linux-x64-glibc', zig: 'x86_64-linux-gnu.2.28', machine: 62},
  {name: 'linux-x64-musl', zig: 'x86_64-linux-musl', machine: 62},
  {name: 'linux-arm64-glibc', zig: 'aarch64-linux-gnu.2.28', machine: 183},
  {name: 'linux-arm64-musl', zig: 'aarch64-linux-musl', machine: 183},
  {name: 'darwin-x64', machine: 0x01000007},
  {name: 'darwin-arm64', machine: 0x0100000c},
]

/** The oldest glibc that the binaries run with. */
export const glibcFloor = [2, 28]

export const fileOf = ({name}) => `prebuilds/${name}.node`
