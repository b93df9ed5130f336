import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for one test's repositories, and git in it without the settings of the person who runs the tests. */
export class GitSandbox {
  readonly directory = realpathSync(mkdtempSync(join(tmpdir(), 'slipway-source-')));

  git(folder: string, ...gitArguments: string[]): string {
    const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.org', '-c', 'protocol.file.allow=always'];
    return execFileSync('git', [...identity, ...gitArguments], {
      cwd: join(this.directory, folder),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' },
    });
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
