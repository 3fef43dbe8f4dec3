#!/usr/bin/env node
// The entry: answers --version at once, and loads the rest, which is most of a start, for all else.
import {userInfo} from 'node:os'
import {commandLine} from './command-line.js'
import {endWith} from './exit.js'
import {tolerateOutputErrors} from './output.js'
import {version} from '../base/package.js'

/** oclif asks for home and shell of the user, of whom the system may know no more than a number. */
function haveHome({env}: NodeJS.Process): void {
  if (env.HOME !== undefined && env.SHELL !== undefined) return
  try {
    userInfo()
  } catch {
    env.HOME ??= '/'
    env.SHELL ??= '/bin/sh'
  }
}

tolerateOutputErrors()

const {argv, wantsHelp, wantsVersion} = commandLine(process.argv.slice(2))
if (wantsVersion) {
  process.stdout.write(`cura-te-ipsum ${version()}\n`)
} else {
  haveHome(process)
  void import('./main.js')
    .then(({main}) => main(argv, wantsHelp))
    .catch((error: unknown) => {
      endWith(error, argv)
    })
}
