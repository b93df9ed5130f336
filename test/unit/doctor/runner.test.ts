import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { broken, type Check, type Finding, fine, type Outcome, skipped, warning } from '../../../src/doctor/check.ts';
import { openContext } from '../../../src/doctor/context.ts';
import { allChecks } from '../../../src/doctor/registry.ts';
import { runChecks } from '../../../src/doctor/runner.ts';
import { UsageError } from '../../../src/errors.ts';
import { doctorRequest } from '../../support/doctor.ts';

const never = new AbortController().signal;

function check(id: string, run: Check['run'], more: Partial<Check> = {}): Check {
  const [group, title] = id.split('.') as [Check['group'], string];
  return { id, group, title, run, ...more };
}

const gives = (outcome: Outcome) => async () => outcome;

function round(checks: readonly Check[], before: readonly Finding[] = []): Promise<Finding[]> {
  return runChecks(checks, openContext(doctorRequest(), never), {}, before);
}

describe('a round of checks', () => {
  it('gives findings in the order of the checks, whichever ends first', async () => {
    const findings = await round([
      check('engine.slow', async () => {
        await delay(30);
        return fine('slow');
      }),
      check('gpu.quick', gives(fine('quick', { count: 1 }))),
    ]);
    expect(findings.map(({ id, status, text }) => [id, status, text])).toEqual([
      ['engine.slow', 'fine', 'slow'],
      ['gpu.quick', 'fine', 'quick'],
    ]);
    expect(findings[1]).toMatchObject({
      group: 'gpu',
      title: 'quick',
      mend: null,
      facts: { count: 1 },
      blockedBy: null,
    });
  });

  it('makes the checks of a group one after the other, and groups side by side', async () => {
    const log: string[] = [];
    const noting = (name: string) => async () => {
      log.push(`${name} begins`);
      await delay(20);
      log.push(`${name} ends`);
      return fine(name);
    };
    await round([check('engine.a', noting('a')), check('engine.b', noting('b')), check('gpu.c', noting('c'))]);
    expect(log.indexOf('b begins')).toBeGreaterThan(log.indexOf('a ends'));
    expect(log.indexOf('c begins')).toBeLessThan(log.indexOf('a ends'));
  });

  it('skips what rests on something broken, with the reason and the root of it', async () => {
    const findings = await round([
      check('engine.reachable', gives(broken('gone', { blocks: 'no engine answers' }))),
      check('storage.writable', gives(fine('yes'))),
      check('storage.container', gives(fine('never')), { needs: ['storage.writable', 'engine.reachable'] }),
      check('tracking.container', gives(fine('never')), { needs: ['storage.container'] }),
    ]);
    expect(findings.slice(2)).toMatchObject([
      { status: 'skipped', text: 'Not checked: no engine answers', blockedBy: 'engine.reachable' },
      { status: 'skipped', text: 'Not checked: no engine answers', blockedBy: 'engine.reachable' },
    ]);
  });

  it('goes on after a warning that stands in nobody’s way, and not after one that does', async () => {
    const findings = await round([
      check('storage.space', gives(warning('little'))),
      check('storage.next', gives(fine('made')), { needs: ['storage.space'] }),
      check('storage.absent', gives(warning('not yet', { blocks: 'it is not there yet' }))),
      check('storage.last', gives(fine('never')), { needs: ['storage.absent'] }),
    ]);
    expect(findings.map(({ status }) => status)).toEqual(['warning', 'fine', 'warning', 'skipped']);
  });

  it('names the broken thing where it says no reason itself', async () => {
    const findings = await round([
      check('tracking.login', gives(broken('wrong password'))),
      check('tracking.run', gives(fine('never')), { needs: ['tracking.login'] }),
    ]);
    expect(findings[1]?.text).toBe('Not checked: “login” must be mended first');
  });

  it('takes what is known from an earlier round', async () => {
    const [before] = await round([check('engine.reachable', gives(skipped('Not asked for')))]);
    const findings = await round(
      [check('storage.container', gives(fine('never')), { needs: ['engine.reachable'] })],
      [before as Finding],
    );
    expect(findings).toMatchObject([{ status: 'skipped', text: 'Not checked: not asked for' }]);
  });

  it('makes a finding of a check that hangs, tells it to end, and goes on', async () => {
    let wasToldToEnd = false;
    const findings = await round([
      check(
        'engine.hangs',
        (_, signal) =>
          new Promise(() => {
            signal.addEventListener('abort', () => {
              wasToldToEnd = true;
            });
          }),
        { timeoutMs: 20 },
      ),
      check('engine.next', gives(fine('made'))),
    ]);
    expect(findings.map(({ status, text }) => [status, text])).toEqual([
      ['broken', 'There was no answer in 20 ms'],
      ['fine', 'made'],
    ]);
    expect(wasToldToEnd).toBe(true);
  });

  it('says what an error says and advises, and owns up to a defect', async () => {
    const findings = await round([
      check('engine.refuses', async () => {
        throw new UsageError('It is wrong.', { hint: 'Do this.' });
      }),
      check('engine.fails', async () => {
        throw new TypeError('x is undefined');
      }),
    ]);
    expect(findings.map(({ status, text }) => [status, text])).toEqual([
      ['broken', 'It is wrong. Do this.'],
      ['broken', 'This check failed by itself: x is undefined'],
    ]);
  });

  it('ends with the reason when it is stopped', async () => {
    const stop = new AbortController();
    const context = openContext(doctorRequest(), stop.signal);
    const ended = runChecks([check('engine.hangs', () => new Promise(() => {}))], context);
    stop.abort('SIGINT');
    await expect(ended).rejects.toBe('SIGINT');
  });
});

describe('the list of all checks', () => {
  it('has ids of their own that begin with their group, and titles that fit their column', () => {
    const ids = allChecks.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { id, group, title } of allChecks) {
      expect(id.startsWith(`${group}.`)).toBe(true);
      expect(title.length).toBeLessThan(16);
    }
  });

  it('names only earlier checks as needed, so that none waits for ever', () => {
    const ids = allChecks.map(({ id }) => id);
    for (const [index, { needs = [] }] of allChecks.entries()) {
      for (const need of needs) expect(ids.slice(0, index)).toContain(need);
    }
  });

  it('keeps the checks of a group together', () => {
    const groups = allChecks.map(({ group }) => group).filter((group, index, all) => group !== all[index - 1]);
    expect(new Set(groups).size).toBe(groups.length);
  });
});
