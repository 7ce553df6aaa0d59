/**
 * Jenkins' answers as far as they are asked for. Jenkins adds `_class`, leaves out what has no value, and old
 * controllers leave out what they do not know yet: only what a decision hangs on is required.
 */
import { type Static, type TSchema, Type } from 'typebox'
import { Compile } from 'typebox/compile'

function Maybe<T extends TSchema>(type: T) {
  return Type.Optional(Type.Union([type, Type.Null()]))
}

const Named = Type.Object({ name: Maybe(Type.String()) })

const Executor = Type.Object({
  number: Maybe(Type.Integer()),
  idle: Maybe(Type.Boolean()),
  currentExecutable: Maybe(
    Type.Object({
      url: Maybe(Type.String()),
      fullDisplayName: Maybe(Type.String()),
      displayName: Maybe(Type.String()),
    }),
  ),
})

const Computer = Type.Object({
  _class: Maybe(Type.String()),
  displayName: Type.String(),
  description: Maybe(Type.String()),
  assignedLabels: Maybe(Type.Array(Named)),
  numExecutors: Type.Integer(),
  executors: Type.Array(Executor),
  oneOffExecutors: Maybe(Type.Array(Executor)),
  idle: Type.Boolean(),
  offline: Type.Boolean(),
  temporarilyOffline: Type.Boolean(),
  offlineCauseReason: Maybe(Type.String()),
})

const Item = Type.Object({
  _class: Maybe(Type.String()),
  id: Maybe(Type.Union([Type.Integer(), Type.String()])),
  why: Maybe(Type.String()),
  stuck: Maybe(Type.Boolean()),
  blocked: Maybe(Type.Boolean()),
  buildable: Maybe(Type.Boolean()),
  pending: Maybe(Type.Boolean()),
  inQueueSince: Maybe(Type.Integer()),
  buildableStartMilliseconds: Maybe(Type.Integer()),
  task: Maybe(
    Type.Object({
      name: Maybe(Type.String()),
      fullName: Maybe(Type.String()),
      url: Maybe(Type.String()),
      labelExpression: Maybe(Type.String()),
    }),
  ),
})

const Jobs = Type.Object({
  quietingDown: Maybe(Type.Boolean()),
  jobs: Type.Array(Type.Object({ name: Maybe(Type.String()), jobs: Maybe(Type.Array(Named)) })),
})

export type Executor = Static<typeof Executor>
export type Computer = Static<typeof Computer>
export type Item = Static<typeof Item>
export type Jobs = Static<typeof Jobs>

export const OneComputer = Compile(Computer)
export const Computers = Compile(Type.Object({ computer: Type.Array(Computer) }))
export const ComputerNames = Compile(Type.Object({ computer: Type.Array(Type.Object({ displayName: Type.String() })) }))
export const Queue = Compile(Type.Object({ items: Type.Array(Item) }))
export const Label = Compile(Type.Object({ description: Maybe(Type.String()) }))
export const VisibleJobs = Compile(Jobs)
export const Anything = Compile(Type.Object({}))
export const Crumb = Compile(Type.Object({ crumb: Type.String(), crumbRequestField: Type.String() }))
export const WhoAmI = Compile(Type.Object({ name: Type.String(), anonymous: Type.Boolean() }))
