import { type TSchema, Type } from 'typebox'

/** What Marathon does not know it refuses or, worse, drops: nothing else may stand there. */
export const closed = { additionalProperties: false } as const

/** A text of a certain form; `words` go on after "must be". */
function formed(pattern: string, words: string, more: object = {}): TSchema {
  return Type.String({ pattern, words, ...more })
}

export const Name = formed(
  '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$',
  '1 to 63 lower-case letters, digits and hyphens, without a hyphen at either end',
  { maxLength: 63 },
)
const NetworkName = formed(
  '^[a-z0-9]([-_a-z0-9]*[a-z0-9])?$',
  '1 to 63 lower-case letters, digits, hyphens and underscores, without one of these at either end',
  { maxLength: 63 },
)
const PART = '([a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9])'
export const PathId = formed(
  `^/${PART}(\\.${PART})*(/${PART}(\\.${PART})*)*$`,
  'an absolute path such as /ci/jenkins, of lower-case letters, digits, hyphens and dots',
)
export const AnyPort = Type.Integer({ minimum: 0, maximum: 65_535 })
export const FilePath = Type.String({ minLength: 1, maxLength: 1024 })
export const Uri = Type.String({ minLength: 1, maxLength: 1024 })
export const Text = Type.String()
export const NonEmpty = Type.String({ minLength: 1 })
export const Flag = Type.Boolean()
export const Seconds = (byDefault: number): TSchema => Type.Integer({ minimum: 0, default: byDefault })
export const Words = Type.Array(Type.String())
const DateTime = Type.String()

/** Set by Marathon; what is sent is ignored. */
export const Version = DateTime

const ENV_KEY = '^[a-zA-Z_][a-zA-Z0-9_]{0,253}$'

const SecretReference = Type.Object({ secret: NonEmpty }, closed)
export const Environment = Type.Record(Type.String({ pattern: ENV_KEY }), Type.Union([Text, SecretReference]))
export const Labels = Type.Record(Type.String(), Text)
export const Secrets = Type.Record(Type.String(), Type.Object({ source: NonEmpty }, closed))

/** Both are read here, as a rule says in better words that they exclude each other. */
export const Command = Type.Object(
  { shell: Type.Optional(NonEmpty), argv: Type.Optional(Type.Array(Type.String(), { minItems: 1 })) },
  closed,
)

export const KillSelection = Type.Enum(['YOUNGEST_FIRST', 'OLDEST_FIRST'], { default: 'YOUNGEST_FIRST' })
export const UnreachableStrategy = Type.Union([
  Type.Enum(['disabled']),
  Type.Object(
    { inactiveAfterSeconds: Type.Optional(Seconds(0)), expungeAfterSeconds: Type.Optional(Seconds(0)) },
    closed,
  ),
])

export const OPERATORS = ['UNIQUE', 'CLUSTER', 'GROUP_BY', 'LIKE', 'UNLIKE', 'MAX_PER', 'IS'] as const

export const Artifact = Type.Object(
  {
    uri: Uri,
    extract: Type.Optional(Type.Boolean({ default: true })),
    executable: Type.Optional(Type.Boolean({ default: false })),
    cache: Type.Optional(Type.Boolean({ default: false })),
    destPath: Type.Optional(FilePath),
  },
  closed,
)

const networkModes = ['container', 'container/bridge', 'host'] as const
export const Network = Type.Object(
  {
    name: Type.Optional(NetworkName),
    mode: Type.Optional(Type.Enum([...networkModes], { default: 'container' })),
    labels: Type.Optional(Labels),
  },
  closed,
)

const Limit = Type.Union([Type.Number({ minimum: 0 }), Type.Enum(['unlimited'])])
export const ResourceLimits = Type.Object({ cpus: Type.Optional(Limit), mem: Type.Optional(Limit) }, closed)

export const PersistentVolume = Type.Object(
  {
    type: Type.Optional(Type.Enum(['root', 'path', 'mount'], { default: 'root' })),
    size: Type.Integer({ minimum: 0 }),
    maxSize: Type.Optional(Type.Integer({ minimum: 0 })),
    profileName: Type.Optional(NonEmpty),
    constraints: Type.Optional(Type.Array(Words)),
  },
  closed,
)

export const LinuxInfo = Type.Object(
  {
    seccomp: Type.Optional(
      Type.Object({ profileName: Type.Optional(NonEmpty), unconfined: Type.Optional(Flag) }, closed),
    ),
    ipcInfo: Type.Optional(
      Type.Object(
        {
          mode: Type.Optional(Type.Enum(['PRIVATE', 'SHARE_PARENT'])),
          shmSize: Type.Optional(Type.Integer({ minimum: 0 })),
        },
        closed,
      ),
    ),
  },
  closed,
)
