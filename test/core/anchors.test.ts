import { describe, expect, test } from '@jest/globals'
import { planAnchors } from '../../src/core/anchors.ts'
import type { JenkinsNode } from '../../src/core/jenkins-reading.ts'
import { describeAnchor } from '../../src/core/markers.ts'
import { plan } from '../../src/core/plan.ts'
import { anchorOf, anItem, aReading, aSnapshot, aTemplate, NOW } from '../support/builders.ts'

const linux = aTemplate()

function anchor(owner: string | undefined, over: Partial<JenkinsNode> = {}, template = linux): JenkinsNode {
  return anchorOf(template, { description: describeAnchor(template, owner), ...over })
}

function planned(...nodes: JenkinsNode[]) {
  return planAnchors(aReading({ nodes }), [linux], 'jenkins')
}

describe('several sidecars on one Jenkins', () => {
  test('an anchor of another one is left alone, whatever its template, and ours has a name of its own', () => {
    const { actions, notes } = planned(
      anchor('other'),
      anchor('other', { name: 'anchor-mac' }, aTemplate({ name: 'mac' })),
    )
    expect(actions).toEqual([{ kind: 'createAnchor', template: linux, node: 'anchor-linux-jenkins' }])
    expect(notes).toEqual(['anchors of framework other are in Jenkins and left alone: anchor-linux, anchor-mac'])
  })

  test('both are at rest once each has its anchor', () => {
    const both = [anchor('other'), anchor('jenkins', { name: 'anchor-linux-jenkins' })]
    expect(planned(...both).actions).toEqual([])
    expect(planAnchors(aReading({ nodes: both }), [linux], 'other').actions).toEqual([])
  })

  test('a build that waits for a label of the other one is not ours to read', () => {
    const mac = anchor('other', { name: 'anchor-mac', labels: ['mac'] }, aTemplate({ name: 'mac' }))
    const jenkins = aReading({ nodes: [anchorOf(linux), mac], queue: [anItem({ why: '‘anchor-mac’ is offline' })] })
    expect(plan(aSnapshot({ jenkins }), NOW).explanation.items[0]?.state).toBe('tied')
  })
})

describe('anchors of the first versions, which name no owner', () => {
  test('one that serves a template is replaced: the new one first, then the old one goes', () => {
    const old = anchor(undefined)
    expect(planned(old).actions).toEqual([{ kind: 'createAnchor', template: linux, node: 'anchor-linux-2' }])
    expect(planned(old, anchor('jenkins', { name: 'anchor-linux-2' })).actions).toEqual([
      { kind: 'deleteAnchor', node: 'anchor-linux', reason: 'another that names its owner is in place' },
    ])
  })

  test('one that serves none may be of another sidecar: it is left alone, and told of', () => {
    const mac = anchor(undefined, { name: 'anchor-mac', labels: ['mac'] }, aTemplate({ name: 'mac' }))
    const { actions, notes } = planned(anchor('jenkins'), mac)
    expect(actions).toEqual([])
    expect(notes).toEqual([expect.stringContaining('anchor-mac; delete them if nobody does')])
  })
})
