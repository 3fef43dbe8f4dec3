// Writes what is made from the compiled commands: completions, the man page, and the list of flags
// that tests compare with.
import {mkdirSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {format, resolveConfig} from 'prettier'
import {contract} from './commands.mjs'
import {completions} from './completions.mjs'
import {manPage} from './man.mjs'
import {root} from './tools.mjs'

function write(file, text) {
  mkdirSync(dirname(join(root, file)), {recursive: true})
  writeFileSync(join(root, file), text)
}

async function asJson(file, value) {
  const filepath = join(root, file)
  return await format(JSON.stringify(value), {...(await resolveConfig(filepath)), filepath})
}

const commands = 'test/fixtures/commands.json'
write(commands, await asJson(commands, await contract()))
write('man/cura-te-ipsum.1', await manPage())
for (const [file, text] of Object.entries(await completions())) write(`completions/${file}`, text)
