import { broken, byHand, type Check, fine, type Outcome } from './check.ts';
import type { DoctorContext } from './context.ts';

/** As package.json says. */
const oldest = [20, 19] as const;

/** What runs the launcher and, on the host, the program. */
export const nodeChecks: readonly Check[] = [
  { id: 'node.version', group: 'node', title: 'version', run: async (context) => judgeVersion(context) },
  { id: 'node.platform', group: 'node', title: 'system', run: async (context) => judgePlatform(context) },
];

function judgeVersion({ node, environment }: DoctorContext): Outcome {
  const [major = 0, minor = 0] = node.version.split('.').map(Number);
  const facts = { version: node.version, executable: node.executable };
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) {
    return fine(`Node.js ${node.version} (${node.executable})`, facts);
  }
  const needed = `Node.js ${node.version} is too old: ${oldest.join('.')} or later is needed (https://nodejs.org)`;
  return broken(needed, { facts, mend: environment.NVM_DIR ? byHand('nvm install --lts') : null });
}

function judgePlatform({ node }: DoctorContext): Outcome {
  const facts = { platform: node.platform, architecture: node.architecture };
  if (node.platform !== 'linux') return broken(`Slipway runs on Linux; this is ${node.platform}`, { facts });
  return fine(`Linux on ${node.architecture}`, facts);
}
