// The name and id of this machine.
import {hostname} from 'node:os'
import {expect} from 'chai'
import {native} from '../../src/native/native.js'
import {currentHost} from '../../src/store/host.js'

describe('host', () => {
  it('has its machine id, or the name that the user chose', () => {
    expect(currentHost(null)).to.deep.equal({name: hostname(), id: native().machineId()})
    expect(currentHost('web-1')).to.deep.equal({name: hostname(), id: 'web-1'})
  })
})
