import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { ensureTrackingServer } from '../../../src/tracking/index.ts';
import { temporaryDirectory } from '../../support/index.ts';

/** Asks for a server where `python3` is this shell script; null for a machine without Python. */
async function failure(script: string | null, environment: Record<string, string> = {}): Promise<unknown> {
  await using directory = await temporaryDirectory();
  const bin = directory.join('bin');
  await mkdir(bin);
  if (script !== null) {
    await writeFile(`${bin}/python3`, `#!/bin/sh\n${script}\n`);
    await chmod(`${bin}/python3`, 0o755);
  }
  return await ensureTrackingServer({
    storageDirectory: directory.join('storage'),
    prefer: 'auto',
    docker: null,
    environment: { PATH: bin, ...environment },
    onProgress: () => undefined,
    onNotice: () => undefined,
  }).catch((error: unknown) => error);
}

describe('a machine that cannot run the tracking server', () => {
  it('is told that neither Docker nor Python is there, and what else it can do', async () => {
    expect(await failure(null)).toMatchObject({
      name: 'UnavailableError',
      message: expect.stringMatching(/cannot be started\. Docker is not used\. python3 is not installed\./),
      hint: expect.stringContaining('MLFLOW_TRACKING_URI'),
    });
  });

  it('is told that its Python has no venv module', async () => {
    const script = `echo 3 11; echo "ModuleNotFoundError: No module named 'ensurepip'" >&2; exit 1`;
    expect(await failure(script)).toMatchObject({
      message: expect.stringMatching(/python3 has no venv module .*ensurepip.*apt-get install python3-venv/),
    });
  });

  it('is told that its Python is too old', async () => {
    expect(await failure('echo 3 8')).toMatchObject({
      message: expect.stringContaining('python3 is 3.8, and MLflow needs 3.10 or newer'),
    });
  });

  it('is told why pip could not install MLflow', async () => {
    // The environment's own interpreter is made by this python3, and its pip finds no package.
    const script = `
case "$*" in
  "-m venv "*) /bin/mkdir -p "$3/bin"; printf '#!/bin/sh\\necho "ERROR: No matching distribution found for mlflow"; echo advice; exit 1\\n' >"$3/bin/python"; /bin/chmod +x "$3/bin/python" ;;
  *) echo 3 11 ;;
esac`;
    expect(await failure(script)).toMatchObject({
      message: expect.stringMatching(/could not install MLflow .*: ERROR: No matching distribution found for mlflow/),
    });
  });

  it('is told that the interpreter it named has another MLflow, or none', async () => {
    const named = { SLIPWAY_MLFLOW_PYTHON: '/bin/echo' };
    expect(await failure(null, named)).toMatchObject({
      message: expect.stringMatching(/names \/bin\/echo, which has/),
    });
    const missing = { SLIPWAY_MLFLOW_PYTHON: '/nowhere/python' };
    expect(await failure(null, missing)).toMatchObject({ message: expect.stringContaining('cannot be run') });
  });
});
