#!/usr/bin/env node
// The entry point: answers version at once, and loads the rest only for commands.
import {userInfo} from 'node:os'
import {commandLine} from './command-line.js'
import {endWith} from './exit.js'
import {tolerateOutputErrors} from './output.js'
import {version} from '../base/package.js'

/** oclif asks for the user's home and shell, but a user id may have no account. */
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
