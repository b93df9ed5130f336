import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { containerOptions, isLoopback, parseVolume } from '../../../src/executors/container-options.ts';
import { examplePlan } from '../../support/example-plan.ts';

const plan = examplePlan({
  projectDirectory: '/home/me/cells',
  storageDirectory: '/data/storage',
  command: 'python train.py',
  volumes: ['/data/in:/in:ro'],
  uid: 1234,
});
const ours = { imageId: 'sha256:1', isStrict: true, environment: { MLFLOW_TRACKING_URI: 'http://127.0.0.1:5000' } };

describe('the container of a run', () => {
  it('has the group that keeps the storage, where there is one', () => {
    expect(containerOptions(plan, { ...ours, storageGroup: 5200 }).groups).toEqual([5200]);
    expect(containerOptions(plan, { ...ours, storageGroup: null })).not.toHaveProperty('groups');
  });

  it('has a name of its own in each attempt', () => {
    expect(containerOptions({ ...plan, attempt: 3 }, ours)).toMatchObject({
      name: 'slipway-20260102-030405-test-3',
      labels: { 'slipway.run': '20260102-030405-test', 'slipway.attempt': '3' },
    });
  });

  it('has its secrets as files that it cannot change, and is told where they lie', () => {
    const secret = containerOptions({ ...plan, secretFiles: { token: '/home/me/token' } }, ours);
    const target = '/run/secrets/token';
    expect(secret.mounts).toContainEqual({ source: '/home/me/token', target, readOnly: true });
    expect(secret.environment).toMatchObject({ SLIPWAY_SECRETS_DIR: '/run/secrets' });
    expect(containerOptions(plan, ours).environment).not.toHaveProperty('SLIPWAY_SECRETS_DIR');
  });

  it('of ours has the rights of the caller, no capabilities, and /storage and /tmp alone to write to', () => {
    const options = containerOptions(plan, ours);
    expect(options).toMatchObject({
      name: 'slipway-20260102-030405-test',
      user: '1234:1234',
      readOnlyRoot: true,
      unprivileged: true,
      init: true,
      pids: 256,
      labels: { 'slipway.run': '20260102-030405-test', 'slipway.owner': '1234' },
    });
    const writable = options.mounts?.filter((mount) => !mount.readOnly).map((mount) => mount.target);
    expect(writable).toEqual(['/storage', '/tmp']);
    expect(options.network).toBeUndefined();
  });

  it.each([
    [null, 1024],
    [3000, 1500],
    [1, 1],
  ])('of ours has a /tmp that cannot take all of the memory: limit %s MiB', (memoryMiB, sizeMiB) => {
    const options = containerOptions({ ...plan, limits: { ...plan.limits, memoryMiB } }, ours);
    expect(options.mounts).toContainEqual({ source: null, target: '/tmp', sizeMiB });
  });

  it("hides the embedded server's data, and tells the program where it stands", () => {
    const options = containerOptions(plan, ours);
    expect(options.mounts).toContainEqual({ source: null, target: '/storage/mlflow', readOnly: true });
    expect(options.environment).toMatchObject({
      HOME: '/tmp',
      SLIPWAY_STORAGE: '/storage',
      SLIPWAY_RUN_DIR: '/storage/runs/20260102-030405-test',
    });
  });

  it('of a foreign image keeps a writable root, and reaches a server on the loopback of this machine', () => {
    const foreign = containerOptions(plan, { ...ours, isStrict: false });
    expect(foreign).toMatchObject({ user: '1234:1234', readOnlyRoot: false, unprivileged: false, network: 'host' });
    expect(foreign.noNewPrivileges).toBe(true);
    const remote = { MLFLOW_TRACKING_URI: 'https://mlflow.example' };
    expect(containerOptions(plan, { ...ours, isStrict: false, environment: remote }).network).toBeUndefined();
  });
});

describe('a volume of the MLproject', () => {
  it.each([
    ['/a:/b', { source: '/a', target: '/b', readOnly: false }],
    ['/a:/b:ro', { source: '/a', target: '/b', readOnly: true }],
    ['./a:/b', { source: '/home/me/cells/a', target: '/b', readOnly: false }],
    ['cache:/b', { source: 'cache', target: '/b', readOnly: false }],
  ])('%s', (text, wanted) => {
    expect(parseVolume(text, '/home/me/cells')).toEqual(wanted);
  });

  it.each(['/a', '/a:b', '/a:/b:rx', ':/b', '/a:/b:ro:z'])('refuses %s', (text) => {
    expect(() => parseVolume(text, '/home/me/cells')).toThrow(UsageError);
  });
});

describe('an address on the loopback', () => {
  it.each(['http://localhost:5000', 'http://127.0.0.1', 'http://[::1]:5000', 'http://mlflow.localhost'])(
    '%s',
    (uri) => {
      expect(isLoopback(uri)).toBe(true);
    },
  );

  it.each([undefined, 'http://mlflow', 'https://10.0.0.1', 'file:///mlruns', 'localhost'])('is not %s', (uri) => {
    expect(isLoopback(uri)).toBe(false);
  });
});
