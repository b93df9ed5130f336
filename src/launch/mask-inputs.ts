import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LaunchEventBody } from '../events.ts';
import { maskSecrets } from '../util/index.ts';

/** What is kept of the code, and sent to the server with the run. */
const keptFiles = ['changes.patch', 'config.yaml'] as const;

/**
 * Masks the secrets that a program is handed in what is kept of its code: somebody has written one into it. Told, since
 * the image holds it, too, and the kept file is not what the program ran with.
 */
export async function maskInputs(
  folder: string,
  secrets: readonly string[],
  emit: (body: LaunchEventBody) => void,
): Promise<void> {
  for (const name of keptFiles) {
    const file = join(folder, name);
    if (secrets.length === 0 || !existsSync(file)) continue;
    // As bytes, one character each: a patch may hold text of any encoding.
    const content = await readFile(file, 'latin1');
    const masked = maskSecrets(
      content,
      secrets.map((secret) => Buffer.from(secret).toString('latin1')),
    );
    if (masked === content) continue;
    await writeFile(file, masked, 'latin1');
    const text = `The project's files hold a secret that the program is handed. It is masked in the kept ${name}; in the code it is not.`;
    emit({ type: 'warning', text });
  }
}
