// This machine, as series tell machines apart.
import {hostname} from 'node:os'
import {expect} from 'chai'
import {native} from '../../src/native/native.js'
import {currentHost} from '../../src/store/host.js'

describe('host', () => {
  it('is known by its machine id, or by what the user calls it', () => {
    expect(currentHost(null)).to.deep.equal({name: hostname(), id: native().machineId()})
    expect(currentHost('web-1')).to.deep.equal({name: hostname(), id: 'web-1'})
  })
})
