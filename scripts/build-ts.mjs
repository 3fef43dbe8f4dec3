// Bundles src and oclif into a new dist, so that a start reads two files instead of hundreds. With
// --map the bundle has a source map, for scripts/coverage.mjs.
import {mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {build} from 'esbuild'
import {quietly, root} from './tools.mjs'

const dist = join(root, 'dist')

const withMap = process.argv.includes('--map')

// CommonJS, because Node starts it in half the time of ES modules.
const asCommonJs = {
  format: 'cjs',
  outExtension: {'.js': '.cjs'},
  supported: {'dynamic-import': false}, // turns import() into a late require
  define: {'import.meta.url': 'importMetaUrl'},
  // esbuild puts its own "use strict" after this, where it has no effect.
  banner: {
    js: `"use strict";\nconst importMetaUrl = require('node:url').pathToFileURL(__filename).href;`,
  },
}

// Modules that oclif loads at each start for features that this program does not have: plugins, rc
// files, commands found by file name, spinners, Windows. They would be a third of the bundle, so
// they are empty in it. On a terminal oclif reads the frames of a spinner without showing it.
const unneeded = /^(cli-spinners|lilconfig|minimatch|tinyglobby|wsl-utils)$/
const emptyModule = 'module.exports = {dots2: {frames: []}}'
const withoutUnneeded = {
  name: 'without-unneeded',
  setup({onResolve, onLoad}) {
    onResolve({filter: unneeded}, ({path}) => ({path, namespace: 'unneeded'}))
    onLoad({filter: /./, namespace: 'unneeded'}, () => ({contents: emptyModule}))
  },
}

/** The entry loads everything else by name, and only when needed. */
const mainApart = {
  name: 'main-apart',
  setup({onResolve}) {
    onResolve({filter: /^\.\/main\.js$/}, () => ({path: './main.cjs', external: true}))
  },
}

/**
 * Only --external-… needs execa, which is half as large as everything else, and only diff --content
 * needs diff, so each is a file of its own.
 */
const packagesApart = {
  name: 'packages-apart',
  setup({onResolve}) {
    onResolve({filter: /^(diff|execa)$/}, ({kind, path}) =>
      kind === 'entry-point' ? undefined : {path: `./${path}.cjs`, external: true},
    )
  },
}

/** Bundles into dist, and returns the directories of the bundled packages. */
async function bundle() {
  const {metafile} = await build({
    ...asCommonJs,
    absWorkingDir: root,
    entryPoints: {cli: 'src/cli/cli.ts', main: 'src/cli/main.ts', diff: 'diff', execa: 'execa'},
    outdir: dist,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    external: ['typescript'], // oclif looks for it, and works without it
    plugins: [mainApart, packagesApart, withoutUnneeded],
    sourcemap: withMap && 'linked',
    metafile: true,
    logLevel: 'warning',
  })
  const packages = Object.keys(metafile.inputs)
    .map((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0])
    .filter((directory) => directory !== undefined)
  return [...new Set(packages)].sort()
}

/** The packages that are compiled into the addon, including headers. */
const inAddon = ['node_modules/node-addon-api']

/** The text of a package's licence, or its name if there is no text. */
function licenceOf(directory) {
  const path = (file) => join(root, directory, file)
  const {name, version, license} = JSON.parse(readFileSync(path('package.json'), 'utf8'))
  const file = readdirSync(path('.')).find((entry) => /^licen[cs]e/i.test(entry))
  const text = file === undefined ? license : readFileSync(path(file), 'utf8')
  return `${name} ${version}\n\n${text.trim()}\n`
}

rmSync(dist, {recursive: true, force: true})
mkdirSync(dist)
if (await quietly('tsc', ['-p', 'tsconfig.build.json', '--pretty'])) {
  const packages = [...(await bundle()), ...inAddon].sort()
  const line = `\n${'-'.repeat(72)}\n\n`
  writeFileSync(join(dist, 'licences.txt'), packages.map(licenceOf).join(line))
} else {
  process.exitCode = 1
}
