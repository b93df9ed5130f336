import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  acquireControlSocket,
  type ControlRequest,
  sendControlRequest,
  watchAgent,
} from '../../../src/agent/control-socket.ts';
import { holdRun } from '../../../src/agent/hold-run.ts';
import { temporaryDirectory } from '../../support/index.ts';

const stop: ControlRequest = { command: 'stop', how: 'polite', signal: 'SIGINT' };

test('one agent holds a run, and the next one is told so', async () => {
  await using folder = await temporaryDirectory();
  const first = await acquireControlSocket(folder.path, () => {});
  expect(first).not.toBeNull();
  expect(await acquireControlSocket(folder.path, () => {})).toBeNull();
  first?.close();
  const second = await acquireControlSocket(folder.path, () => {});
  expect(second).not.toBeNull();
  second?.close();
});

test('a request reaches the agent', async () => {
  await using folder = await temporaryDirectory();
  const received: ControlRequest[] = [];
  const socket = await acquireControlSocket(folder.path, (request) => received.push(request));
  expect(await sendControlRequest(folder.path, stop)).toBe(true);
  expect(received).toEqual([stop]);
  socket?.close();
});

test('a request without the token of the run folder is refused', async () => {
  await using folder = await temporaryDirectory();
  const received: ControlRequest[] = [];
  const socket = await acquireControlSocket(folder.path, (request) => received.push(request));
  expect(existsSync(join(folder.path, 'control.token'))).toBe(true);
  writeFileSync(join(folder.path, 'control.token'), 'guessed-by-somebody-else');
  expect(await sendControlRequest(folder.path, stop)).toBe(false);
  expect(received).toEqual([]);
  socket?.close();
});

test('a request that is none is refused, and who asks and for how long arrives with one', async () => {
  await using folder = await temporaryDirectory();
  const received: ControlRequest[] = [];
  const socket = await acquireControlSocket(folder.path, (request) => received.push(request));
  const strange = { command: 'start', how: 'polite', signal: 'SIGTERM' } as unknown as ControlRequest;
  expect(await sendControlRequest(folder.path, strange)).toBe(false);
  const asked: ControlRequest = { ...stop, by: 'by alice with slipway stop', graceMs: 5000 };
  expect(await sendControlRequest(folder.path, asked)).toBe(true);
  expect(received).toEqual([asked]);
  socket?.close();
});

test('an agent that is stopped, and so says nothing, keeps nobody waiting', async () => {
  await using folder = await temporaryDirectory();
  writeFileSync(join(folder.path, 'control.token'), 'its-own');
  const silent = await holdRun(folder.path);
  expect(await sendControlRequest(folder.path, stop, { answerTimeoutMs: 50 })).toBe(false);
  silent?.close();
});

test('a request to a run without an agent says so', async () => {
  await using folder = await temporaryDirectory();
  expect(await sendControlRequest(folder.path, stop)).toBe(false);
});

test('whoever watches is told when the agent is gone', async () => {
  await using folder = await temporaryDirectory();
  const socket = await acquireControlSocket(folder.path, () => {});
  const gone = new Promise<void>((resolve) => watchAgent(folder.path, resolve));
  await new Promise((resolve) => setTimeout(resolve, 50));
  socket?.close();
  await gone;
});

test('the token is not written where a program made its file a link to', async () => {
  await using folder = await temporaryDirectory();
  writeFileSync(folder.join('elsewhere'), 'kept');
  symlinkSync(folder.join('elsewhere'), folder.join('control.token'));
  const socket = await acquireControlSocket(folder.path, () => {});
  expect(await sendControlRequest(folder.path, stop)).toBe(true);
  expect(readFileSync(folder.join('elsewhere'), 'utf8')).toBe('kept');
  socket?.close();
});

test('an agent takes its run where no token can be written: the folder is gone, or its disk takes nothing', async () => {
  await using folder = await temporaryDirectory();
  const missing = folder.join('removed');
  const socket = await acquireControlSocket(missing, () => {});
  expect(socket).not.toBeNull();
  expect(await acquireControlSocket(missing, () => {})).toBeNull();
  expect(await sendControlRequest(missing, stop)).toBe(false);
  socket?.close();
});
