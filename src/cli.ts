#!/usr/bin/env node
// The entry: answers --version at once, and loads the rest, which is most of a start, for all else.
import {commandLine} from './command-line.js'
import {tolerateOutputErrors} from './output.js'
import {version} from './package.js'

tolerateOutputErrors()

const {argv, wantsHelp, wantsVersion} = commandLine(process.argv.slice(2))
if (wantsVersion) {
  process.stdout.write(`cura-te-ipsum ${version()}\n`)
} else {
  void import('./main.js').then(({main}) => main(argv, wantsHelp))
}
