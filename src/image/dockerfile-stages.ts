/** The stages that a target is built upon, as far as a launcher must know them. */
export interface StageChain {
  /** Labels that the Dockerfile gives the target, its own before those of the stages below. */
  readonly labels: Readonly<Record<string, string>>;
  /** The image that the last of these stages begins with; null for `scratch`. */
  readonly base: string | null;
}

interface Stage {
  readonly name: string;
  readonly from: string;
  readonly labels: Record<string, string>;
}

/**
 * Follows a target through the stages of its Dockerfile (https://docs.docker.com/reference/dockerfile/).
 * @param target The stage that is built; null for the last one.
 * @param values Build arguments, which win over the defaults of `ARG`.
 */
export function stageChain(
  dockerfile: string,
  target: string | null,
  values: Readonly<Record<string, string>>,
): StageChain {
  const stages = readStages(dockerfile, values);
  const byName = (name: string, below: number): number =>
    stages.findLastIndex((stage, index) => index < below && stage.name === name.toLowerCase());
  let index = target === null ? stages.length - 1 : byName(target, stages.length);
  let labels: Record<string, string> = {};
  for (let base: string | null = null; ; ) {
    const stage = stages[index];
    if (stage === undefined) return { labels, base };
    labels = { ...stage.labels, ...labels };
    base = stage.from === 'scratch' ? null : stage.from;
    const next = byName(stage.from, index);
    if (next < 0) return { labels, base };
    index = next;
  }
}

function readStages(dockerfile: string, values: Readonly<Record<string, string>>): Stage[] {
  const stages: Stage[] = [];
  const defaults: Record<string, string> = {};
  const lines = dockerfile
    .replace(/^\s*#.*$/gm, '')
    .replace(/\\[ \t]*\r?\n/g, ' ')
    .split('\n');
  for (const line of lines) {
    const [, instruction = '', rest = ''] = /^\s*(\w+)\s+(.*?)\s*$/.exec(line) ?? [];
    const last = stages.at(-1);
    switch (instruction.toUpperCase()) {
      case 'ARG': {
        const [name = '', value = ''] = rest.split('=');
        if (last === undefined) defaults[name] = unquoted(value);
        break;
      }
      case 'FROM': {
        const words = rest.split(/\s+/).filter((word) => !word.startsWith('--'));
        const name = words[1]?.toUpperCase() === 'AS' ? (words[2] ?? '') : '';
        stages.push({
          name: name.toLowerCase(),
          from: filledIn(words[0] ?? '', { ...defaults, ...values }),
          labels: {},
        });
        break;
      }
      case 'LABEL':
        for (const [, key = '', value = ''] of rest.matchAll(/("[^"]*"|[^\s=]+)=("(?:[^"\\]|\\.)*"|\S*)/g)) {
          if (last !== undefined) last.labels[unquoted(key)] = unquoted(value);
        }
        break;
    }
  }
  return stages;
}

function filledIn(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{(\w+)(?::-([^}]*))?\}|\$(\w+)/g, (_, braced, fallback, plain) => {
    return values[braced ?? plain] || (fallback ?? '');
  });
}

function unquoted(text: string): string {
  return text.replace(/^(["'])(.*)\1$/, '$2');
}
