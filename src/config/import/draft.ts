import type { TemplateInput } from '../template-schema.ts'

type Fields = { -readonly [field in keyof TemplateInput]: TemplateInput[field] }
export type Given<field extends keyof TemplateInput> = Exclude<TemplateInput[field], undefined>

type ContainerInput = Given<'container'>
/** One while it is put together. */
export type Container = { -readonly [field in keyof ContainerInput]: ContainerInput[field] }

/** A template while it is put together, with a remark for each field that says where it comes from. */
export class Draft {
  /** Its place in the configuration, for reports and remarks. */
  readonly where: string
  readonly fields: Fields = {}
  readonly #remarks = new Map<string, string>()
  readonly #toDo: string[] = []

  constructor(where: string) {
    this.where = where
  }

  set<field extends keyof TemplateInput>(field: field, value: Given<field>, remark = ''): void {
    this.fields[field] = value
    this.remark(field, remark)
  }

  /** @param path `cpus`, or `container.image` */
  remark(path: string, words: string): void {
    if (words !== '') this.#remarks.set(path, words)
  }

  remarkOf(path: string): string {
    return this.#remarks.get(path) ?? ''
  }

  /** What a person must look at in this template; it stands above it in the file. */
  toDo(words: string): void {
    this.#toDo.push(words)
  }

  /** It could serve no job that it served before: it does not get into the file. */
  isLeftOut = false

  get toDos(): readonly string[] {
    return this.#toDo
  }

  get labels(): readonly string[] {
    const { labels = [] } = this.fields
    return typeof labels === 'string' ? labels.split(/[\s,]+/) : labels
  }
}
