// The installed package: its directory and its version.
import {readFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {expect} from 'chai'
import {packageJson, packageRoot, version} from '../../src/base/package.js'
import {runProgram} from '../native/programs.js'

describe('package', () => {
  it('is the directory above src that has the package.json', () => {
    expect(packageRoot).to.equal(fileURLToPath(new URL('../../', import.meta.url)))
    const text = readFileSync(`${packageRoot}package.json`, 'utf8')
    expect(packageJson()).to.deep.equal(JSON.parse(text))
  })

  it('has the version that the bundle prints', () => {
    expect(version()).to.match(/^\d+\.\d+\.\d+/)
    expect(runProgram(['--version']).out).to.equal(`cura-te-ipsum ${version()}\n`)
  })
})
