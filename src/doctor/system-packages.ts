import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { byHand, type Mend } from './check.ts';
import type { DoctorContext } from './context.ts';
import { safeCommand } from './mend-commands.ts';

/** Whether a program is in the PATH. */
export async function isInstalled(program: string, context: DoctorContext): Promise<boolean> {
  const folders = (context.environment.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const found = await Promise.all(
    folders.map((folder) =>
      access(join(folder, program), constants.X_OK).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.includes(true);
}

/** How Debian's packages are installed: safe to do for root, said to everyone else; null on another system. */
export async function installPackages(packages: readonly string[], context: DoctorContext): Promise<Mend | null> {
  if (!(await isInstalled('apt-get', context))) return null;
  const argv = ['apt-get', 'install', '-y', ...packages];
  return context.user.uid === 0 ? safeCommand(argv) : byHand(`sudo ${argv.join(' ')}`);
}
