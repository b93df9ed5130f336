import { expect, test } from 'vitest';
import { StopRequests } from '../../../src/agent/stop-requests.ts';

const polite = { command: 'stop', how: 'polite', signal: 'SIGTERM' } as const;
const force = { command: 'stop', how: 'force', signal: 'SIGINT' } as const;

test('the first request aborts what comes before the program, and its signal is the one that counts', () => {
  const requests = new StopRequests({ how: null, signal: null });
  expect(requests.signal.aborted).toBe(false);
  requests.request(polite);
  requests.request(force);
  expect(requests.signal.aborted).toBe(true);
  expect(requests.how).toBe('force');
  expect(requests.signalName).toBe('SIGTERM');
});

test('a listener hears what was asked before it came, each kind once', () => {
  const requests = new StopRequests({ how: null, signal: null });
  requests.request(polite);
  const heard: string[] = [];
  requests.listen((how) => heard.push(how));
  requests.request(polite);
  requests.request(force);
  requests.request(polite);
  expect(heard).toEqual(['polite', 'force']);
});

test('an agent that takes a run over goes on with what was asked of the one before', () => {
  const requests = new StopRequests({ how: 'polite', signal: 'SIGINT' });
  expect(requests.signal.aborted).toBe(true);
  expect(requests.signalName).toBe('SIGINT');
});
