// The sources that a snapshot holds, with and without a marker.
import {expect} from 'chai'
import {holdingsOf} from '../../src/store/holdings.js'
import type {Marker} from '../../src/store/marker.js'

const start = '2025-01-15T09:30:00.000Z'
const markerOf = (fields: object): Marker =>
  ({start, host: 'alpha', host_id: '1', sources: [], ...fields}) as unknown as Marker

describe('holdings', () => {
  it('are the sources of the marker, with the machine and the time', () => {
    const sources = [
      {name: 'docs', path: '/srv/docs'},
      {name: 'etc', path: 'root@web:/etc', host: 'web'},
    ]
    const marker = markerOf({sources, clones: ['alpha', 'twin']})
    const rest = {machine: 'alpha', time_ms: Date.parse(start), clones: ['alpha', 'twin']}
    expect(holdingsOf({marker, sources: null})).to.deep.equal([
      {...sources[0], ...rest, hostId: '1'},
      {...sources[1], ...rest, hostId: 'web'},
    ])
  })

  it('have no id if the marker has none', () => {
    const marker = markerOf({host_id: undefined, sources: [{name: 'a', path: 'w:/a', host: 'w'}]})
    expect(holdingsOf({marker, sources: null})).to.deep.include.members([
      {name: 'a', path: 'w:/a', host: 'w', machine: 'alpha', hostId: null, time_ms: Date.parse(start)},
    ]) // prettier-ignore
  })

  it('are names if the marker lists no sources, and null if they are unknown', () => {
    expect(holdingsOf({marker: null, sources: ['docs']})).to.deep.equal(['docs'])
    expect(holdingsOf({marker: markerOf({}), sources: ['docs']})).to.deep.equal(['docs'])
    expect(holdingsOf({marker: null, sources: null})).to.equal(null)
  })

  it('are the planned ones for a planned snapshot', () => {
    const planned = [{name: 'docs', path: '/srv/docs', machine: 'alpha', hostId: '1'}]
    expect(holdingsOf({marker: null, sources: ['docs'], holdings: planned})).to.equal(planned)
  })
})
