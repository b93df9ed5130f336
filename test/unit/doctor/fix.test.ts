import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Finding, fine, type Mend, type Status } from '../../../src/doctor/check.ts';
import { affectedChecks, planRepairs, runRepair } from '../../../src/doctor/fix.ts';
import { allChecks } from '../../../src/doctor/registry.ts';
import { temporaryDirectory } from '../../support/index.ts';

const never = new AbortController().signal;

function finding(id: string, status: Status, mend: Mend | null): Finding {
  return { id, group: 'engine', title: 'x', durationMs: 1, blockedBy: null, ...fine('x'), status, mend };
}

const install: Mend = { command: 'apt-get install x', isSafe: true, argv: ['apt-get', 'install', 'x'] };
const start: Mend = { command: 'slipway tracking up', isSafe: true, argv: ['slipway', 'tracking', 'up'] };
const byHand: Mend = { command: 'reboot', isSafe: false, argv: ['reboot'] };

describe('the plan of repairs', () => {
  it('holds each safe command once, whatever it mends, and no other', () => {
    const repairs = planRepairs([
      finding('python.version', 'broken', install),
      finding('gpu.driver', 'broken', byHand),
      finding('python.modules', 'warning', install),
      finding('tracking.server', 'skipped', start),
      finding('node.version', 'broken', null),
    ]);
    expect(repairs).toEqual([
      { command: 'apt-get install x', argv: ['apt-get', 'install', 'x'], mends: ['python.version', 'python.modules'] },
      { command: 'slipway tracking up', argv: ['slipway', 'tracking', 'up'], mends: ['tracking.server'] },
    ]);
  });

  it('is followed by another look at what was mended and at all that rests on it, and at nothing else', () => {
    const again = affectedChecks(allChecks, [{ ...install, argv: ['x'], mends: ['engine.reachable'] }]);
    const ids = again.map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining(['engine.reachable', 'engine.container', 'storage.container']));
    expect(ids).not.toContain('node.version');
    expect(ids).not.toContain('storage.space');
  });
});

describe('a repair', () => {
  it('runs its words as they are, without a shell', async () => {
    await using folder = await temporaryDirectory();
    const odd = folder.join('$(touch trap) "x"');
    const repair = { command: 'mkdir', argv: ['mkdir', '-p', odd], mends: [] };
    expect(await runRepair(repair, process.env, never)).toMatchObject({ exitCode: 0, problem: null });
    expect(existsSync(odd)).toBe(true);
  });

  it('says how it failed, or that it could not be started', async () => {
    const failing = { command: 'false', argv: ['false'], mends: [] };
    expect(await runRepair(failing, process.env, never)).toMatchObject({ exitCode: 1, problem: null });
    const absent = { command: 'nonesuch', argv: ['nonesuch'], mends: [] };
    expect(await runRepair(absent, process.env, never)).toMatchObject({ exitCode: null, problem: /ENOENT/ });
  });
});
