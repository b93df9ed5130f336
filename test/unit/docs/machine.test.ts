import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { verbNames } from '../../../src/commands/index.ts';
import { inlineCommands } from '../../support/documented-commands.ts';

const root = resolve(import.meta.dirname, '../../..');
const page = readFileSync(resolve(root, 'docs/machine.md'), 'utf8');
const source = (file: string): string => readFileSync(resolve(root, 'src', file), 'utf8');

/** Names of the fields of an interface, as its source declares them. */
function fieldsOf(file: string, name: string): string[] {
  const body = source(file).split(`export interface ${name} `)[1]?.split('\n}')[0] ?? '';
  return [...body.matchAll(/^ {2}readonly (\w+)[?]?:/gm)].map(([, field]) => field!);
}

describe('the document on the runs of a machine', () => {
  it('names every field of ps --json and of prune --json', () => {
    const fields = [
      ...fieldsOf('machine/list-machine.ts', 'MachineRun'),
      ...fieldsOf('machine/run-progress.ts', 'ReachedEpoch'),
    ];
    expect(fields.length).toBeGreaterThan(20);
    for (const field of fields) expect(page, field).toContain(`\`${field}\``);
    for (const field of fieldsOf('machine/prune.ts', 'PruneItem').filter((name) => name !== 'remove')) {
      expect(page, field).toContain(`\`${field}\``);
    }
  });

  it('shows commands that there are', () => {
    const commands = inlineCommands(page);
    expect(commands.length).toBeGreaterThan(8);
    for (const command of commands) expect(verbNames).toContain(command.split(' ')[1]);
  });

  it('tells the grace that a launch gives by itself', () => {
    const seconds = Number(/stopGraceMs: (\d+)_000/.exec(source('launch/request.ts'))?.[1]);
    expect(page).toContain(`\`--timeout\` in seconds, else ${seconds},`);
  });
});
