import { readFile } from 'node:fs/promises';

/** A user as a person writes it: `alice (1001)`, or the number alone where the machine's own list has no name. */
export async function nameOfUser(uid: number): Promise<string> {
  const text = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const line = text.split('\n').find((each) => each.split(':')[2] === String(uid));
  return line === undefined ? `user ${uid}` : `${line.split(':')[0]} (${uid})`;
}
