// Compiles src into a new dist, so that no command outlives its source there.
import {rmSync} from 'node:fs'
import {join} from 'node:path'
import {quietly, root} from './tools.mjs'

rmSync(join(root, 'dist'), {recursive: true, force: true})
if (!(await quietly('tsc', ['-p', 'tsconfig.build.json', '--pretty']))) process.exitCode = 1
