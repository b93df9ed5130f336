import { expect, test } from 'vitest';
import { StopRequests, stopReason } from '../../../src/agent/stop-requests.ts';

const polite = { command: 'stop', how: 'polite', signal: 'SIGTERM' } as const;
const force = { command: 'stop', how: 'force', signal: 'SIGINT' } as const;

test('the first request aborts what comes before the program, and its signal is the one that counts', () => {
  const requests = new StopRequests();
  expect(requests.signal.aborted).toBe(false);
  requests.request(polite);
  requests.request(force);
  expect(requests.signal.aborted).toBe(true);
  expect(requests.how).toBe('force');
  expect(requests.recorded.stopSignal).toBe('SIGTERM');
});

test('a listener hears what was asked before it came, each kind once', () => {
  const requests = new StopRequests();
  requests.request(polite);
  const heard: string[] = [];
  requests.listen((how) => heard.push(how));
  requests.request(polite);
  requests.request(force);
  requests.request(polite);
  expect(heard).toEqual(['polite', 'force']);
});

test('an agent that takes a run over goes on with what was asked of the one before', () => {
  const requests = new StopRequests({ stopRequested: 'polite', stopSignal: 'SIGINT' });
  expect(requests.signal.aborted).toBe(true);
  expect(requests.recorded.stopSignal).toBe('SIGINT');
});

test('who asks first is who stopped the run, and how long the program is waited for can be changed', () => {
  const requests = new StopRequests();
  expect(stopReason(requests.recorded)).toBe('it was stopped on request');
  requests.request({ ...polite, by: 'by alice with slipway stop', graceMs: 9000 });
  const heard: string[] = [];
  requests.listen((how) => heard.push(how));
  requests.request({ ...polite, by: 'by bob', graceMs: 0 });
  expect(heard).toEqual(['polite', 'polite']);
  expect(requests.graceMs).toBe(0);
  expect(stopReason(requests.recorded)).toBe('it was stopped by alice with slipway stop');
});
