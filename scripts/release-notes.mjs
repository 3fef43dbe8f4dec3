// Prints the section of CHANGELOG.md for a tag such as v1.2.3. Fails if the tag, the version in
// package.json and the changelog do not agree.
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {isMain, root} from './tools.mjs'

/** Returns the section of a version, without its heading. Throws if it is missing or empty. */
export function notesOf(tag, version, changelog) {
  if (tag !== `v${version}`) {
    throw new Error(`The tag ${tag} is not that of version ${version}: v${version}.`)
  }
  const [, ...sections] = changelog.split(/^## /m)
  const section = sections.find((text) => text.split(/[\s,]/)[0] === version)
  const notes = section?.slice(section.indexOf('\n')).trim()
  if (!notes) throw new Error(`CHANGELOG.md has nothing on ${version}: name its section so.`)
  return notes
}

if (isMain(import.meta.url)) {
  const read = (file) => readFileSync(join(root, file), 'utf8')
  try {
    const {version} = JSON.parse(read('package.json'))
    console.log(notesOf(process.argv[2] ?? '', version, read('CHANGELOG.md')))
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
}
