import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { OutputAnnouncer } from '../../../src/agent/announce-output.ts';
import { RunContext } from '../../../src/agent/run-context.ts';
import { readRunLog } from '../../../src/runlog/index.ts';
import { createRunDirectory, writePlan } from '../../../src/runs/index.ts';
import { examplePlan } from '../../support/example-plan.ts';
import { temporaryDirectory } from '../../support/index.ts';

it('each part is carried when it has grown, and once more by nobody when another follows', async () => {
  await using storage = await temporaryDirectory();
  const { directory, logs, runId } = await createRunDirectory(storage.path);
  await writePlan(directory, examplePlan({ runId, projectDirectory: '/p', storageDirectory: storage.path }));
  const run = await RunContext.open(directory);
  const told = async (announcer: OutputAnnouncer): Promise<string[]> => {
    const before = (await paths()).length;
    await announcer.announce();
    return (await paths()).slice(before);
  };
  const paths = async (): Promise<string[]> => {
    const found: string[] = [];
    for await (const { event } of readRunLog(directory)) if (event.type === 'artifact') found.push(event.path);
    return found;
  };
  const announcer = new OutputAnnouncer(run);
  writeFileSync(join(logs, 'stderr.log'), '');
  expect(await told(announcer)).toEqual([]);
  writeFileSync(join(logs, 'stdout.log'), 'one\n');
  expect(await told(announcer)).toEqual(['logs/stdout.log']);
  expect(await told(announcer)).toEqual([]);
  appendFileSync(join(logs, 'stdout.log'), 'two\n');
  for (const part of [1, 2, 3]) writeFileSync(join(logs, `stdout.${part}.log`), 'more\n');
  const all = ['logs/stdout.log', 'logs/stdout.1.log', 'logs/stdout.2.log', 'logs/stdout.3.log'];
  expect(await told(announcer)).toEqual(all);
  appendFileSync(join(logs, 'stdout.3.log'), 'end\n');
  expect(await told(announcer)).toEqual(all.slice(3));
  // An agent that takes over knows of no sizes: the last part may have grown.
  expect(await told(new OutputAnnouncer(run))).toEqual(all.slice(3));
});
