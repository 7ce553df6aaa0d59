import { describe, expect, test } from '@jest/globals'
import { type Answer, answerOf, jsonAnswer, Script } from './recorded.ts'

const FREESTYLE = 'hudson.model.FreeStyleBuild'

async function read(answer: Answer | string) {
  const script = new Script().on('GET', '/job/app/4/api/json', answer)
  try {
    return await script.jenkins.builds.read('job/app/4/')
  } finally {
    await script.end()
  }
}

describe('a build', () => {
  test('whose node was deleted under it, as Jenkins tells it', async () => {
    expect(await read('build-node-deleted')).toEqual({
      running: false,
      lost: true,
      node: expect.stringMatching(/^agent-/),
      whole: true,
      parameters: [],
    })
  })

  test('that ended well', async () => {
    expect(await read('build-success')).toMatchObject({ running: false, lost: false })
  })

  test('that is not there', async () => {
    expect(await read({ status: 404 })).toBeUndefined()
  })

  test.each([
    [FREESTYLE, true],
    ['hudson.maven.MavenModuleSetBuild', true],
    ['org.jenkinsci.plugins.workflow.job.WorkflowRun', false],
    ['hudson.matrix.MatrixRun', false],
    [undefined, false],
  ])('of class %s: to be started again as a whole: %s', async (type, whole) => {
    expect(await read(jsonAnswer({ _class: type, building: false, result: 'FAILURE' }))).toMatchObject({ whole })
  })

  test.each<[string, unknown, string | undefined]>([
    ['text', 'hello world', 'hello world'],
    ['empty text', '', ''],
    ['a choice or a number', 7, '7'],
    ['a flag', true, 'true'],
    ['a password, which Jenkins does not tell', undefined, undefined],
    ['a run', { name: 'x' }, undefined],
  ])('with a parameter that is %s', async (_what, value, expected) => {
    const actions = [{}, null, { parameters: [{ name: 'P', value }] }]
    const facts = await read(jsonAnswer({ _class: FREESTYLE, building: false, result: 'ABORTED', actions }))
    expect(facts).toMatchObject({ lost: true, parameters: [{ name: 'P', value: expected }] })
  })
})

describe('is started again', () => {
  test('at once and with its parameters, in a folder as well', async () => {
    const script = new Script().on('POST', '/job/f/job/app/buildWithParameters', 'job-build-with-parameters-201')
    await script.jenkins.builds.start('job/f/job/app/4/', [{ name: 'P', value: 'a & b' }])
    expect(script.seen).toMatchObject([{ path: '/job/f/job/app/buildWithParameters?delay=0sec', body: 'P=a+%26+b' }])
    await script.end()
  })

  test.each<[string, string]>([
    ['lines', 'one\ntwo\r\n'],
    ['signs', '=&+%?#"\\ ;<>'],
    ['letters', 'ünï ☂'],
    ['nothing', ''],
    ['a flag', 'false'],
  ])('with %s as they were', async (_what, value) => {
    const script = new Script().on('POST', '/job/app/buildWithParameters', 'job-build-with-parameters-201')
    const parameters = [
      { name: 'P & Q', value },
      { name: '__proto__', value: 'x' },
    ]
    await script.jenkins.builds.start('job/app/4/', parameters)
    const form = [...new URLSearchParams(String(script.seen[0]?.body))]
    expect(form).toEqual([
      ['P & Q', value],
      ['__proto__', 'x'],
    ])
    await script.end()
  })

  test('without parameters', async () => {
    const script = new Script().on('POST', '/job/app/build?', 'job-build-201')
    await script.jenkins.builds.start('job/app/4/', [])
    await script.end()
  })

  test('but not without the right to', async () => {
    const script = new Script().on('POST', '/job/app/build', answerOf('job-build-no-permission'))
    await expect(script.jenkins.builds.start('job/app/4/', [])).rejects.toMatchObject({ code: 'JENKINS_FORBIDDEN' })
    await script.end()
  })
})
