import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { socketInodes } from '../../../src/agent/agent-process.ts';
import { parseAge } from '../../../src/commands/prune-action.ts';
import { superviseAction } from '../../../src/commands/supervise-action.ts';
import { missingVariables } from '../../../src/machine/adopt-orphans.ts';
import { agentLine } from '../../../src/machine/agent-lines.ts';
import type { MachineRun } from '../../../src/machine/list-machine.ts';
import { machineTable } from '../../../src/machine/machine-table.ts';
import { endStatus, isOver, unsentClause } from '../../../src/machine/run-end.ts';
import { AdoptionWaits } from '../../../src/machine/supervise.ts';
import { unitFile, unitText } from '../../../src/machine/systemd-unit.ts';
import { timeOfId } from '../../../src/machine/time-of-id.ts';
import { createLook } from '../../../src/report/look.ts';
import { temporaryDirectory } from '../../support/index.ts';
import { storedRun } from './stored.ts';

const id = '20260102-030405-abcd';

describe('the table of a machine', () => {
  const run: MachineRun = {
    runId: id,
    runName: 'swift-heron-417',
    experiment: 'malaria',
    state: 'running',
    agent: 'alive',
    isUnsent: false,
    container: 'running',
    containerId: 'c1',
    createdAtMs: 0,
    endedAtMs: null,
    epoch: 3,
    epochs: 10,
    gpus: null,
    owner: 'alice',
    ownerUid: 1000,
    isOwn: true,
    engine: 'docker',
    machine: 'box',
    storage: '/storage',
    runDirectory: `/storage/runs/${id}`,
    mlflowRunId: null,
    url: null,
    reason: null,
    problem: null,
  };
  const look = createLook({ stream: { isTTY: false, write: () => true } as never, environment: {} });

  it('has a line for each run; owners and GPUs only where they tell something', () => {
    const own = machineTable([run], 7_200_000, look).join('\n');
    expect(own).toMatch(/swift-heron-417 +running +3\/10 +2 h +malaria +docker +20260102-030405-abcd/);
    expect(own).not.toMatch(/alice|gpus/);
    const others = machineTable([run, { ...run, isOwn: false, owner: 'bob', gpus: 'all' }], 0, look).join('\n');
    expect(others).toMatch(/alice/);
    expect(others).toMatch(/all +bob/);
  });

  it('says that a run has no agent, waits for a server, or is a container alone', () => {
    const lines = machineTable(
      [
        { ...run, agent: 'gone' },
        { ...run, state: 'orphaned', runName: null, container: 'exited' },
        { ...run, state: 'finished', agent: null, isUnsent: true },
      ],
      0,
      look,
    );
    expect(lines[1]).toContain('running, no agent');
    expect(lines[2]).toContain('orphaned (exited)');
    expect(lines[3]).toContain('finished, not sent');
  });
});

describe('the end of a run', () => {
  it.each([
    ['one that runs', storedRun(id, { state: { state: 'running' } }), false],
    ['one whose program has ended', storedRun(id, { state: { state: 'draining' } }), true],
    ['one that failed', storedRun(id, { state: { state: 'failed' } }), true],
    ['one that was resumed and has not begun again', storedRun(id, { plan: { attempt: 2 } }), false],
    ['one that nobody has begun', storedRun(id, { state: null }), false],
  ])('of %s', (_title, run, expected) => {
    expect(isOver(run)).toBe(expected);
  });

  it('has the status that its agent sends', () => {
    const status = (state: NonNullable<Parameters<typeof storedRun>[1]>['state']) =>
      endStatus(storedRun(id, { state: state ?? {} }).state!);
    expect(status({})).toBe('FINISHED');
    expect(status({ exitCode: 0, reason: 'the program itself marked the run as failed' })).toBe('FAILED');
    expect(status({ exitCode: 143, stopRequested: 'polite' })).toBe('KILLED');
  });
});

describe('what would be lost with a run folder', () => {
  it.each([
    ['nothing of one that is wholly sent', {}, null],
    ['nothing of one that was deleted on its server', { statusSent: false, deletedAtMs: 1 }, null],
    ['what is still being sent', { state: 'draining', statusSent: false }, 'not yet on the tracking server'],
    ['what a server has not taken', { statusSent: false }, 'not everything it wrote'],
    ['what a server has refused', { incomplete: '3 values' }, 'does not have all of it (3 values)'],
    ['what may be on a server', { statusSent: false, mlflowRunId: null, registering: true }, 'not everything it wrote'],
    ['nothing of one that never began', { statusSent: false, mlflowRunId: null, exitCode: null }, null],
    ['the output of one that only printed', { statusSent: false, mlflowRunId: null }, 'no tracking server has it'],
    [
      'the output of one whose end is not known',
      { statusSent: false, mlflowRunId: null, exitCode: null, handle: { executor: 'docker' } },
      'no tracking server has it',
    ],
  ] as const)('is %s', async (_title, state, expected) => {
    const clause = await unsentClause(storedRun(id, { state }, '/nowhere'));
    if (expected === null) expect(clause).toBeNull();
    else expect(clause).toContain(expected);
  });

  it('is what was recorded without a server, and not what the agent itself wrote', async () => {
    await using storage = await temporaryDirectory();
    const run = storedRun(id, { state: { statusSent: false, mlflowRunId: null, exitCode: null } }, storage.path);
    mkdirSync(run.paths.events, { recursive: true });
    writeFileSync(`${run.paths.events}/agent.ndjson`, '{}\n');
    expect(await unsentClause(run)).toBeNull();
    writeFileSync(`${run.paths.events}/trainer.ndjson`, '{}\n');
    expect(await unsentClause(run)).toContain('no tracking server has it');
  });
});

it('an orphan whose program has not begun needs the variables that it is to get', () => {
  const { plan } = storedRun(id, { plan: { passEnvironment: ['TOKEN', 'PATH'] } });
  const project = { ...plan!.project, environment: { COPIED: null, GIVEN: 'x' } };
  expect(missingVariables({ ...plan!, project }, { PATH: '/bin' })).toEqual(['TOKEN', 'COPIED']);
});

it('a run whose agents end early is left alone for longer each time', () => {
  const waits = new AdoptionWaits();
  expect(waits.isDue(id, 0)).toBe(true);
  waits.adopted(id, 0);
  expect([waits.isDue(id, 9_000), waits.isDue(id, 10_000)]).toEqual([false, true]);
  waits.adopted(id, 10_000);
  expect([waits.isDue(id, 29_000), waits.isDue(id, 30_000)]).toEqual([false, true]);
  // One that has lived for a day died of something else.
  waits.adopted(id, 86_400_000);
  expect(waits.isDue(id, 86_410_000)).toBe(true);
});

describe('the unit of the supervisor', () => {
  it('starts it with what it needs of this shell, and leaves the agents alone when it ends', () => {
    const text = unitText({ PATH: '/bin', SLIPWAY_STORAGE: '/my data/100%', AWS_SECRET_ACCESS_KEY: 'no' }, [
      '/opt/node',
      '/a b/slipway',
      'supervise',
    ]);
    expect(text).toContain('ExecStart=/opt/node "/a b/slipway" supervise\n');
    expect(text).toContain('Environment="SLIPWAY_STORAGE=/my data/100%%"\n');
    expect(text).toContain('KillMode=process\n');
    expect(text).toContain('SuccessExitStatus=143\n');
    expect(text).not.toContain('AWS');
  });

  it('keeps a $ as systemd reads it: doubled in a command, as it is in a variable', () => {
    const text = unitText({ SLIPWAY_STORAGE: '/data/$x' }, ['/opt/node', '/a/$x']);
    expect(text).toContain('ExecStart=/opt/node "/a/$$x"\n');
    expect(text).toContain('Environment="SLIPWAY_STORAGE=/data/$x"\n');
  });

  it('looks after what was named when it was installed, as often as was said then', async () => {
    await using folder = await temporaryDirectory();
    const storage = folder.join('my storage');
    mkdirSync(storage);
    const environment = { XDG_CONFIG_HOME: folder.path, NO_COLOR: '1' };
    vi.stubEnv('PATH', folder.path);
    vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const given = { install: true, interval: 60, storage };
    const exitCode = await superviseAction(given, environment, new AbortController().signal);
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
    expect(exitCode).toBe(0);
    const unit = readFileSync(unitFile(environment), 'utf8');
    expect(unit).toContain(`bin/slipway supervise --interval 60 --storage "${storage}"\n`);
  });
});

it("finds who holds a run's lock in the kernel's table, by the very name", () => {
  const table = [
    'Num       RefCount Protocol Flags    Type St Inode Path',
    '0000000000000000: 00000002 00000000 00010000 0001 01 111 @slipway-run-abc@@@',
    '0000000000000000: 00000003 00000000 00000000 0001 03 112 @slipway-run-abc',
    '0000000000000000: 00000002 00000000 00010000 0001 01 113 @slipway-run-abcd',
    '0000000000000000: 00000002 00000000 00010000 0001 01 114',
  ].join('\n');
  expect([...socketInodes(table, '\0slipway-run-abc')]).toEqual(['111']);
});

it.each([
  ['30d', 30 * 86_400_000],
  ['12h', 12 * 3_600_000],
  ['1.5w', 1.5 * 7 * 86_400_000],
  ['0s', 0],
])('an age of %s is understood', (text, ageMs) => {
  expect(parseAge(text)).toBe(ageMs);
});

it.each(['', '30', 'd', '-1d', '3 months', '1e3d'])('an age of "%s" is refused, with what is expected', (text) => {
  expect(() => parseAge(text)).toThrow('must be a number and one of');
});

it('a run id tells when it was drawn', () => {
  expect(timeOfId(id)).toBe(Date.UTC(2026, 0, 2, 3, 4, 5));
  expect(timeOfId('slipway')).toBeNull();
});

it('a line of the journal is told with its time, and a stack as it is', () => {
  const event = { timeMs: 0, type: 'state', state: 'running' };
  expect(agentLine(JSON.stringify(event))).toBe('1970-01-01T00:00:00.000Z state: running');
  expect(agentLine('    at carryOut (lifecycle.ts:1)')).toBe('    at carryOut (lifecycle.ts:1)');
  expect(agentLine('')).toBeNull();
});
