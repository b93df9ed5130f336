import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { allChecks } from '../../../src/doctor/registry.ts';
import { skip, slipway, temporaryDirectory } from '../../support/index.ts';
import { slipwayInTerminal } from '../../support/pty.ts';
import { screenOf } from '../../unit/report/fake-stream.ts';

const root = resolve(import.meta.dirname, '../../..');

/** The form that docs/doctor.md describes. */
const answer = z.strictObject({
  ok: z.boolean(),
  findings: z.array(
    z.strictObject({
      id: z.string(),
      group: z.string(),
      title: z.string(),
      status: z.enum(['fine', 'warning', 'broken', 'skipped']),
      text: z.string().min(1),
      mend: z
        .strictObject({ command: z.string(), isSafe: z.boolean(), argv: z.array(z.string()).nullable() })
        .nullable(),
      facts: z.record(z.string(), z.unknown()),
      blockedBy: z.string().nullable(),
      durationMs: z.number().int(),
    }),
  ),
  repaired: z
    .array(
      z.strictObject({
        command: z.string(),
        argv: z.array(z.string()),
        mends: z.array(z.string()),
        exitCode: z.number().nullable(),
        problem: z.string().nullable(),
      }),
    )
    .optional(),
});

/** An empty project and a storage: what there is to look at is this machine. */
async function emptyProject() {
  const folder = await temporaryDirectory();
  const [project, storage] = [folder.join('project'), folder.join('storage')];
  await mkdir(project);
  return { folder, project, storage, [Symbol.asyncDispose]: () => folder.remove() };
}

const noEngine = { DOCKER_HOST: 'unix:///nonexistent/docker.sock' };

describe('slipway doctor', () => {
  it('writes one JSON document and nothing else with --json, and exits with 1 where something is broken', async () => {
    await using at = await emptyProject();
    const words = ['doctor', at.project, '--storage', at.storage, '--json'];
    const end = await slipway(words, { environment: noEngine });
    const { ok, findings } = answer.parse(JSON.parse(end.stdout));
    expect(findings.map(({ id }) => id)).toEqual(allChecks.map(({ id }) => id));
    expect(findings.find(({ id }) => id === 'engine.reachable')?.status).toBe('broken');
    expect([ok, end.exitCode, end.stderr]).toEqual([false, 1, '']);
    expect(existsSync(at.storage)).toBe(false);
  });

  it('exits with 0 where nothing is broken, whatever deserves a look', async () => {
    await using at = await emptyProject();
    const words = ['doctor', at.project, '--storage', at.storage, '--engine', 'host'];
    const end = await slipway(words);
    expect(end.exitCode).toBe(0);
    const lines = end.stdout.trimEnd().split('\n');
    expect(lines.filter((line) => /^\S/.test(line)).slice(0, -1)).toEqual([
      ...['Project', 'Engine', 'GPU', 'Node.js', 'npm packages', 'TensorFlow', 'Storage', 'Tracking server', 'Python'],
    ]);
    expect(lines).toContain(`    → mkdir -p ${at.storage}`);
    expect(lines.at(-1)).toMatch(/^Nothing is broken; \d things? deserves? a look; `\S+slipway doctor --fix` mends /);
    expect(end.stdout).not.toContain('\u001b');
  });

  it('takes the variables of slipway run', async () => {
    await using at = await emptyProject();
    const environment = { SLIPWAY_ENGINE: 'host', SLIPWAY_STORAGE: at.storage, SLIPWAY_GPUS: 'device=7' };
    const end = await slipway(['doctor', at.project, '--json'], { environment });
    const { findings } = answer.parse(JSON.parse(end.stdout));
    const found = (id: string) => findings.find((finding) => finding.id === id);
    expect(found('engine.reachable')?.status).toBe('skipped');
    expect(found('storage.folder')?.facts.directory).toBe(at.storage);
    expect(found('gpu.driver')?.facts.isWanted).toBe(true);
  });

  it.each([
    [['nowhere'], /^✗ The project \S+nowhere is not a folder\.\n {2}→ /],
    [['--gpus', 'many'], /^✗ --gpus is "many", but must be all, a number of GPUs, or device=0,1\.$/m],
    [
      ['--engine', 'podman'],
      /^✗ --engine is podman, but must be one of auto, docker, host\.\n {2}→ \S*slipway doctor --help$/m,
    ],
  ])('refuses %j in one sentence', async (words, sentence) => {
    const end = await slipway(['doctor', ...words]);
    expect(end.stderr).toMatch(sentence);
    expect([end.exitCode, end.stdout]).toEqual([64, '']);
  });
});

describe('slipway doctor --fix', () => {
  it('asks for --yes where there is no terminal to ask at, and changes nothing', async () => {
    await using at = await emptyProject();
    const end = await slipway(['doctor', at.project, '--storage', at.storage, '--engine', 'host', '--fix']);
    expect([end.exitCode, end.stdout]).toEqual([64, '']);
    expect(end.stderr).toMatch(/there is no terminal to ask at\.\n {2}→ \S+ doctor --fix --yes/);
    expect(existsSync(at.storage)).toBe(false);
  });

  it('runs the safe commands with --yes, looks again, and tells what has become of it', async () => {
    await using at = await emptyProject();
    // A server that is named is not started.
    const environment = { MLFLOW_TRACKING_URI: 'http://127.0.0.1:9' };
    const words = ['doctor', at.project, '--storage', at.storage, '--engine', 'host', '--fix', '--yes', '--json'];
    const end = await slipway(words, { environment });
    const { findings, repaired } = answer.parse(JSON.parse(end.stdout));
    expect(repaired).toMatchObject([{ command: `mkdir -p ${at.storage}`, exitCode: 0, mends: ['storage.folder'] }]);
    expect(end.stderr).toContain(`This would be run:\n  mkdir -p ${at.storage}\n`);
    expect(findings.find(({ id }) => id === 'storage.folder')?.status).toBe('fine');
    expect(findings.find(({ id }) => id === 'storage.writable')?.status).toBe('fine');
    expect(findings.find(({ id }) => id === 'tracking.server')?.status).toBe('broken');
    expect(await readdir(at.storage)).toEqual([]);
  });

  it.each([
    ['n', false],
    ['y', true],
  ])('asks at a terminal; %s means %s', async (reply, isMade) => {
    await using at = await emptyProject();
    const output = await atTerminal([at.project, '--storage', at.storage, '--engine', 'host', '--fix'], reply, 80);
    expect(output.text).toContain('Run it? [y/N]');
    expect(existsSync(at.storage)).toBe(isMade);
    expect(output.text.includes('Nothing was changed.')).toBe(!isMade);
    expect(output.exitCode).toBe(1);
  });

  it.each([
    ['Ctrl-C', '\u0003'],
    ['Ctrl-D', '\u0004'],
  ])('takes %s at the question for a no', async (_, keys) => {
    await using at = await emptyProject();
    const { exitCode, screen } = await slipwayInTerminal(
      ['doctor', at.project, '--storage', at.storage, '--engine', 'host', '--fix'],
      {
        columns: 100,
        environment: { ...noEngine, MLFLOW_TRACKING_URI: 'http://127.0.0.1:9' },
        typed: [['[y/N]', keys]],
      },
    );
    expect(screen.lines.slice(-2)).toEqual(['Run it? [y/N] ', 'Nothing was changed.']);
    expect(exitCode).toBe(1);
    expect(existsSync(at.storage)).toBe(false);
  });
});

describe('at a terminal', () => {
  it('keeps to its width, whatever that is, but for commands that are to be copied', async () => {
    await using at = await emptyProject();
    await writeFile(`${at.project}/MLproject`, 'name: cells\n');
    for (const columns of [60, 200]) {
      const { text } = await atTerminal([at.project, '--storage', at.storage, '--gpus', 'all'], '', columns);
      const { lines, cursorVisible } = screenOf(text);
      const words = lines.filter((line) => !/^\s*→ /.test(line));
      expect(Math.max(...words.map((line) => line.length))).toBeLessThanOrEqual(columns);
      expect(lines.filter((line) => line === 'Engine')).toHaveLength(1);
      expect(lines.filter((line) => /^[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/.test(line))).toEqual([]);
      expect(cursorVisible).toBe(true);
      expect(text).toContain('\u001b[31m✗\u001b[39m');
    }
  });

  it('has no colour with NO_COLOR', async () => {
    await using at = await emptyProject();
    const { text } = await atTerminal([at.project, '--storage', at.storage], '', 80, { NO_COLOR: '1' });
    expect(text).toContain('✗ reachable');
    expect(text).not.toMatch(/\u001b\[[\d;]*m/);
  });
});

/** Runs the command in a terminal of its own (util-linux `script`) with a server that is not there and no engine. */
async function atTerminal(
  words: readonly string[],
  reply: string,
  columns: number,
  variables: Record<string, string> = {},
): Promise<{ text: string; exitCode: number | null }> {
  const { PATH = '' } = process.env;
  if (!PATH.split(':').some((folder) => existsSync(`${folder}/script`))) skip('util-linux `script` is not installed');
  const command = `stty cols ${columns}; exec "$NODE" bin/slipway doctor ${words.join(' ')}`;
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    cwd: root,
    env: {
      PATH,
      ...noEngine,
      NODE: process.execPath,
      MLFLOW_TRACKING_URI: 'http://127.0.0.1:9',
      TERM: 'xterm',
      ...variables,
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    const wasAsked = text.includes('[y/N]');
    text += chunk;
    if (!wasAsked && text.includes('[y/N]')) child.stdin.write(`${reply}\n`);
  });
  const exitCode = await new Promise<number | null>((settle) => child.on('close', settle));
  return { text, exitCode };
}
