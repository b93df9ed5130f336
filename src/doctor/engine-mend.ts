import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode } from '../errors.ts';
import { packageRoot } from '../util/package-root.ts';
import { quoteForShell } from '../util/quote-for-shell.ts';
import { byHand, type Mend } from './check.ts';
import type { DoctorContext } from './context.ts';
import { makeTarget, safeCommand } from './mend-commands.ts';
import { isInstalled } from './system-packages.ts';

/** What gets an engine to answer; null where there is no one command. */
export async function engineMend(error: unknown, context: DoctorContext): Promise<Mend | null> {
  const code = errorCode((error as { cause?: unknown } | null)?.cause);
  if (code === 'EACCES' || code === 'EPERM') return byHand('sudo usermod -aG docker "$USER" && newgrp docker');
  if (context.environment.DOCKER_HOST) return byHand('unset DOCKER_HOST');
  if (context.environment.DOCKER_CONTEXT) return byHand('unset DOCKER_CONTEXT');
  if (code !== 'ENOENT' && code !== 'ECONNREFUSED') return null;
  const argv = installation();
  if (context.user.uid !== 0) return byHand(`sudo ${argv.map(quoteForShell).join(' ')}`);
  // It installs Debian's packages; elsewhere it can only say so.
  const canInstall = (await isInstalled('dockerd', context)) || (await isInstalled('apt-get', context));
  const mend = safeCommand(argv);
  return canInstall ? mend : byHand(mend.command);
}

function installation(): readonly string[] {
  const script = join(packageRoot(), 'deploy', 'install-engine.sh');
  return makeTarget('engine') ?? (existsSync(script) ? ['sh', script] : ['systemctl', 'start', 'docker']);
}
