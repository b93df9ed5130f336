/** What becomes of a param that the program logs. */
export type ParamDecision =
  | { readonly kind: 'send' }
  /** It is there with this value, or with the same number spelled otherwise. */
  | { readonly kind: 'drop' }
  /** It is there with another value, which stays: MLflow's params never change. */
  | { readonly kind: 'conflict'; readonly tag: string };

const conflictPrefix = 'slipway.param_conflict.';
const longestKey = 250;

/** The tag that tells a value of a param that differs from the recorded one. */
export function paramConflictTag(key: string): string {
  return `${conflictPrefix}${key}`.slice(0, longestKey);
}

/** The params of a run: the launcher's as typed win over the program's. */
export class ParamRules {
  readonly #known: Map<string, string>;

  constructor(known: Readonly<Record<string, string>>) {
    this.#known = new Map(Object.entries(known));
  }

  /** The params known so far, as the server has or will have them. */
  get known(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#known);
  }

  /** Takes over what the server has: it wins over what was only sent. */
  learn(params: Readonly<Record<string, string>>): void {
    for (const [key, value] of Object.entries(params)) this.#known.set(key, value);
  }

  decide(key: string, value: string): ParamDecision {
    const known = this.#known.get(key);
    if (known === undefined) return { kind: 'send' };
    if (known === value || isSameNumber(known, value)) return { kind: 'drop' };
    return { kind: 'conflict', tag: paramConflictTag(key) };
  }
}

function isSameNumber(one: string, other: string): boolean {
  if (one.trim() === '' || other.trim() === '') return false;
  return Number(one) === Number(other);
}
