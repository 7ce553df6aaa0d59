import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { describeAgent, describeAnchor, isOurOffline, offlineReason, readMark } from '../../src/core/markers.ts'
import type { AgentId, FrameworkId, TemplateName } from '../../src/core/model.ts'
import { aTemplate } from '../support/builders.ts'

const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/)

describe('the description of an agent', () => {
  test('is read back, whatever the reason says', () => {
    fc.assert(
      fc.property(
        name,
        name,
        fc.option(name, { nil: undefined }),
        fc.string(),
        (agent, template, framework, reason) => {
          fc.pre(framework !== 'none')
          const mark = {
            agentId: agent as AgentId,
            template: template as TemplateName,
            frameworkId: framework as FrameworkId | undefined,
          }
          expect(readMark(describeAgent(mark, reason))).toEqual({ kind: 'agent', ...mark })
        },
      ),
    )
  })

  test('is not led astray by a reason that looks like a mark', () => {
    const mark = { agentId: 'a-1' as AgentId, template: 'linux' as TemplateName, frameworkId: 'F1' as FrameworkId }
    const reason = 'agentId=other template=other frameworkId=other labels=x'
    expect(readMark(describeAgent(mark, reason))).toEqual({ kind: 'agent', ...mark })
  })
})

describe('the description of an anchor', () => {
  test('is read back with any labels', () => {
    const label = fc.string({ minLength: 1, unit: 'grapheme' })
    fc.assert(
      fc.property(name, fc.array(label, { maxLength: 5 }), (of, labels) => {
        const template = aTemplate({ name: of, labels })
        expect(readMark(describeAnchor(template))).toEqual({ kind: 'anchor', template: of, labels })
      }),
    )
  })
})

const AGENT = 'Mesos agent of jenkins-mesos-sidecar.'
const ANCHOR = describeAnchor(aTemplate({ labels: [] })).split(' template=')[0] ?? ''

test.each<[string, string, object | undefined]>([
  ['nothing', '', undefined],
  ['words of a person', 'my agentId=a template=b', undefined],
  ['our words further on', `see ${AGENT} agentId=a template=b`, undefined],
  ['an agent without id', `${AGENT} template=b`, undefined],
  ['an agent without template', `${AGENT} agentId=a`, undefined],
  ['an agent without framework', `${AGENT} agentId=a template=b`, { kind: 'agent', frameworkId: undefined }],
  ['an agent before the first subscription', `${AGENT} frameworkId=none agentId=a template=b`, { agentId: 'a' }],
  ['an anchor without template', `${ANCHOR} labels=a`, undefined],
  ['an anchor without labels', `${ANCHOR} template=b`, { kind: 'anchor', labels: [] }],
  ['an anchor with a broken escape', `${ANCHOR} template=b labels=a%2,b`, { labels: ['a%2', 'b'] }],
  ['an anchor with bytes that are no text', `${ANCHOR} template=b labels=%ff,b`, { labels: ['%ff', 'b'] }],
])('reads %s', (_what, description, expected) => {
  const mark = readMark(description)
  if (expected === undefined) expect(mark).toBeUndefined()
  else expect(mark).toMatchObject(expected)
})

test('no description of anybody makes reading fail', () => {
  fc.assert(
    fc.property(fc.constantFrom('', AGENT, ANCHOR), fc.string(), (start, rest) => {
      const mark = readMark(`${start} ${rest}`)
      expect(mark === undefined || mark.template.length >= 0).toBe(true)
      if (start === '') expect(mark).toBeUndefined()
    }),
  )
})

describe('an offline reason', () => {
  test('has plain characters only, and is known again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (words) => {
        const reason = offlineReason(words)
        expect(reason).toMatch(/^[A-Za-z0-9 :.,=/_-]+$/)
        expect(isOurOffline(reason)).toBe(true)
      }),
    )
  })

  test.each([
    ['idle for 180 s, the timeout is 180 s', 'jenkins-mesos-sidecar: idle for 180 s, the timeout is 180 s'],
    ['<b>&"it’s"</b>', 'jenkins-mesos-sidecar: b it s /b'],
    ['', 'jenkins-mesos-sidecar: '],
  ])('of %j is %j', (words, expected) => {
    expect(offlineReason(words)).toBe(expected)
  })

  test('of somebody else is not ours', () => {
    for (const reason of ['', 'maintenance', ' jenkins-mesos-sidecar: x', 'jenkins-mesos-sidecar']) {
      expect(isOurOffline(reason)).toBe(false)
    }
  })
})
