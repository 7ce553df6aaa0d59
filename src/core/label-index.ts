import type { Expression } from './label-expression.ts'

/**
 * Label sets by number, asked about many expressions: a whole expression costs a few operations on one large number
 * with a bit for each set, instead of a walk through it for each set.
 */
export class LabelIndex {
  /** The sets that have a label. */
  readonly #having = new Map<string, bigint>()
  readonly #bits = new Map<string, bigint>()
  readonly #all: bigint

  constructor(sets: readonly ReadonlySet<string>[]) {
    sets.forEach((labels, index) => {
      const bit = 1n << BigInt(index)
      for (const label of labels) this.#having.set(label, (this.#having.get(label) ?? 0n) | bit)
    })
    for (const label of this.#having.keys()) this.#bits.set(label, 1n << BigInt(this.#bits.size))
    this.#all = (1n << BigInt(sets.length)) - 1n
  }

  /** The sets that match, see `isIn`. Equal numbers are equal answers. */
  matching(expression: Expression): bigint {
    switch (expression.kind) {
      case 'atom':
        return this.#having.get(expression.label) ?? 0n
      case 'paren':
        return this.matching(expression.inner)
      case 'not':
        return this.#not(this.matching(expression.operand))
      case 'and':
        return expression.operands.reduce((left, operand) => left & this.matching(operand), this.#all)
      case 'or':
        return expression.operands.reduce((left, operand) => left | this.matching(operand), 0n)
      case 'iff':
        return expression.operands.reduce((left, operand) => this.#not(left ^ this.matching(operand)), this.#all)
      case 'implies':
        return this.#not(this.matching(expression.condition)) | this.matching(expression.consequence)
    }
  }

  /** The labels of the sets that the expression names, a bit for each. */
  named(expression: Expression): bigint {
    switch (expression.kind) {
      case 'atom':
        return this.#bits.get(expression.label) ?? 0n
      case 'paren':
        return this.named(expression.inner)
      case 'not':
        return this.named(expression.operand)
      case 'implies':
        return this.named(expression.condition) | this.named(expression.consequence)
      default:
        return expression.operands.reduce((left, operand) => left | this.named(operand), 0n)
    }
  }

  #not(sets: bigint): bigint {
    return this.#all ^ sets
  }
}

/** Whether the set of this number is one of those that match. */
export function isIn(matching: bigint, index: number): boolean {
  return ((matching >> BigInt(index)) & 1n) === 1n
}
