import { describe, expect, test } from '@jest/globals'
import type { TemplateName } from '../../src/core/model.ts'
import type { Template } from '../../src/core/template.ts'
import {
  baseRevision,
  isCustomLabel,
  isVariant,
  launchKey,
  namesNoImage,
  readLaunchKey,
  templateOf,
  variantFor,
} from '../../src/core/variant.ts'
import { anImageTemplate, aRecord, aTemplate } from '../support/builders.ts'

const mesos = anImageTemplate({ name: 'docker', labels: ['mesos', 'docker'], minIdle: 2, isDefault: true })

function theVariant(template: Template, label: string): Template {
  const variant = variantFor(template, label)
  if (variant === undefined) throw new Error(`no variant for ${label}`)
  return variant
}

describe('a template as a job wants it that names an image', () => {
  const variant = theVariant(mesos, 'mesos:reg.test:5000/team/maven:3.9')

  test('has that image and that one label, and all else of its template', () => {
    expect(variant.launch.container?.image).toBe('reg.test:5000/team/maven:3.9')
    expect(variant.labels).toEqual(['mesos:reg.test:5000/team/maven:3.9'])
    expect(variant.name).toBe('docker')
    expect(variant.cpus).toBe(mesos.cpus)
  })

  test('is no reserve, and takes no build that did not ask for it', () => {
    expect(variant).toMatchObject({ mode: 'EXCLUSIVE', isDefault: false, minIdle: 0, headroom: undefined })
  })

  test('is known by its revision', () => {
    expect(isVariant(variant)).toBe(true)
    expect(isVariant(mesos)).toBe(false)
    expect(baseRevision(variant.revision)).toBe(mesos.revision)
  })
})

test.each([
  ['a template that takes no images', aTemplate({ labels: ['mesos'] }), 'mesos:maven:3.9'],
  ['another label', mesos, 'linux:maven:3.9'],
  ['a label that begins alike', mesos, 'mesos2:maven:3.9'],
  ['the label alone', mesos, 'mesos'],
  ['no image', mesos, 'mesos:'],
  ['what is no image', mesos, 'mesos:--privileged'],
  ['what a shell would run', mesos, 'mesos:a$(id)'],
])('there is none for %s', (_what, template, label) => {
  expect(variantFor(template, label)).toBeUndefined()
  expect(isCustomLabel(label, [template])).toBe(false)
})

test('of two labels of the template that the label begins with the longer one counts', () => {
  const template = anImageTemplate({ labels: ['mesos', 'mesos:gpu'] })
  expect(variantFor(template, 'mesos:gpu:cuda')?.launch.container?.image).toBe('cuda')
  expect(variantFor(template, 'mesos:cuda')?.launch.container?.image).toBe('cuda')
})

test('a label that a template carries itself is none that names an image', () => {
  const plain = aTemplate({ name: 'maven', labels: ['mesos:maven'] })
  expect(isCustomLabel('mesos:maven', [mesos])).toBe(true)
  expect(isCustomLabel('mesos:maven', [mesos, plain])).toBe(false)
})

test('a label is said to name no image only where a template would take one', () => {
  expect(namesNoImage('mesos:Maven', [mesos])).toBe(true)
  expect(namesNoImage('mesos:maven', [mesos])).toBe(false)
  expect(namesNoImage('other:Maven', [mesos])).toBe(false)
})

describe('what an agent was launched from', () => {
  const templates = new Map<string, Template>([['docker', mesos]])
  const variant = theVariant(mesos, 'mesos:maven')
  const agent = aRecord({}, variant)

  test('its template, with the image that its label names', () => {
    expect(templateOf(agent, templates)).toEqual(variant)
    expect(templateOf(aRecord({}, mesos), templates)).toBe(mesos)
  })

  test('nothing, once the template is gone or takes no images any more', () => {
    expect(templateOf(agent, new Map())).toBeUndefined()
    expect(templateOf(agent, new Map([['docker', aTemplate({ name: 'docker', labels: ['mesos'] })]]))).toBeUndefined()
  })

  test('the template as it is now, whatever the revision was', () => {
    expect(templateOf({ ...agent, revision: 'r0+maven' }, templates)).toEqual(variant)
  })
})

test('launches of an image are judged apart from those of its template', () => {
  const name = 'docker' as TemplateName
  expect(readLaunchKey(launchKey(name, 'r1'))).toEqual({ template: name, image: undefined })
  expect(readLaunchKey(launchKey(name, 'r1+maven:3'))).toEqual({ template: name, image: 'maven:3' })
  expect(launchKey(name, 'r2+maven:3')).toBe(launchKey(name, 'adopted+maven:3'))
})
